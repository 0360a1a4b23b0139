"""Truth tables at the edges, by hand: touch, through, gap, both, first and last bar, shorts."""

from dataclasses import fields
from pathlib import Path

import pytest

from kernels.engine.order_settings import OrderSettings
from tests.kernels.orders.test_order_rules import END, FLAT, SIZES, Case, played, same, told

LIMIT = {"entry": "limit", "entry_distance": 0.1}
ENTRY = {"entry": "stop", "entry_distance": 0.1}
UNITS = {"pyramiding": 2, "add_at": 0.1, "size": "units", "size_value": 10}
TWELVE, TEN_TO_ELEVEN = (12, 12, 12, 12), (10, 11, 10, 11)
RISEN = (10, 12, 10.5, 12)
TARGET, STOP, HALF = {"take_profit": 0.1}, {"stop_loss": 0.1}, {"scale_out_at": 0.1}
TRAIL, EVEN = {"trailing_stop": 0.1}, {"break_even": 0.1}
BOTH = TARGET | STOP


def case(settings, bars, *trades, codes=(), mirrors=True, first=1):
    return Case(settings, bars, list(trades), codes, mirrors, first)


CASES = {
    "target, touched in the bar of the entry": case(
        TARGET, [(10, 11, 10, 10.5)], (1, 1, 10, 11, "take_profit")
    ),
    "target, not reached": case(TARGET, [(10, 10.99, 10, 10.5)], (1, 1, 10, 10.5, END)),
    "target, through": case(TARGET, [FLAT, (10, 11.5, 10, 11.2)], (1, 2, 10, 11, "take_profit")),
    "target, gap": case(TARGET, [FLAT, (12, 12, 11, 11)], (1, 2, 10, 12, "take_profit")),
    "stop, through in the bar of the entry": case(
        STOP, [(10, 10, 8.5, 9)], (1, 1, 10, 9, "stop_loss")
    ),
    "stop, an open at the level": case(STOP, [FLAT, (9, 9.5, 9, 9.5)], (1, 2, 10, 9, "stop_loss")),
    "stop, last bar": case(STOP, [FLAT, FLAT, (10, 10, 8.5, 9)], (1, 3, 10, 9, "stop_loss")),
    "both, in the bar of the entry": case(BOTH, [(10, 11, 9, 10)], (1, 1, 10, 9, "stop_loss")),
    "both, a gap to the stop": case(BOTH, [FLAT, (8, 11, 8, 10)], (1, 2, 10, 8, "stop_loss")),
    "after a stop the code has to change": case(
        STOP,
        [(10, 10, 9, 9.5), FLAT, FLAT, FLAT],
        (1, 1, 10, 9, "stop_loss"),
        (4, 4, 10, 10, END),
        codes=(1, 0, 1),
    ),
    "a decision on the last bar": case({}, [FLAT], first=0, codes=(1,)),
    "trail, in the bar of the entry": case(
        TRAIL, [(10, 10, 9, 9.5)], (1, 1, 10, 9, "trailing_stop")
    ),
    "trail, touched": case(
        TRAIL,
        [FLAT, RISEN, (11.5, 11.5, 10.8, 11)],
        (1, 3, 10, 10.8, "trailing_stop"),
        mirrors=False,
    ),
    "trail, not reached": case(
        TRAIL, [FLAT, RISEN, (11.5, 11.5, 10.81, 11)], (1, 3, 10, 11, END), mirrors=False
    ),
    "trail, gap": case(
        TRAIL,
        [FLAT, RISEN, (10, 10.5, 10, 10)],
        (1, 3, 10, 10, "trailing_stop"),
        mirrors=False,
    ),
    "break-even, the stop until it is armed": case(
        EVEN | STOP, [FLAT, (10, 10.9, 9, 9)], (1, 2, 10, 9, "stop_loss")
    ),
    "break-even, before the stop once armed": case(
        EVEN | STOP, [TEN_TO_ELEVEN, (11, 11, 8.5, 9)], (1, 2, 10, 10, "break_even")
    ),
    "break-even, armed on the last bar": case(EVEN, [FLAT, TEN_TO_ELEVEN], (1, 2, 10, 11, END)),
    "max_bars, the series ends first": case({"max_bars": 2}, [FLAT, FLAT], (1, 2, 10, 10, END)),
    "max_bars, its open comes before the stop": case(
        {"max_bars": 1} | STOP, [FLAT, (9.5, 9.5, 8, 8)], (1, 2, 10, 9.5, "max_bars")
    ),
    "max_bars, a stop comes first": case(
        {"max_bars": 2} | STOP, [FLAT, (10, 10, 9, 9), FLAT], (1, 2, 10, 9, "stop_loss")
    ),
    "cooldown, after a stop": case(
        {"cooldown": 2} | STOP,
        [(10, 10, 9, 9), FLAT, FLAT, FLAT],
        (1, 1, 10, 9, "stop_loss"),
        (4, 4, 10, 10, END),
        codes=(0, 1),
    ),
    "cooldown, no entry before the series ends": case(
        {"cooldown": 3} | STOP,
        [(10, 10, 9, 9), FLAT, FLAT, FLAT],
        (1, 1, 10, 9, "stop_loss"),
        codes=(0, 1),
    ),
    "limit, an open at the limit": case(LIMIT, [(9, 10, 9, 9.5)]),
    "limit, touch at the open": case(
        LIMIT | {"limit_fill": "touch"}, [(9, 10, 9, 9.5)], (1, 1, 9, 9.5, END)
    ),
    "limit, the opposite code turns it": case(
        LIMIT | {"entry_valid": 4}, [FLAT, (10, 11.5, 8, 10)], (2, 2, 11, 10, END), codes=(-1,)
    ),
    "stop entry, through": case(ENTRY, [(10, 12, 10, 11.5)], (1, 1, 11, 11.5, END)),
    "stop entry, second bar": case(
        ENTRY | {"entry_valid": 2}, [FLAT, (10, 11, 10, 10.5)], (2, 2, 11, 10.5, END)
    ),
    "stop entry, taken back": case(
        ENTRY | {"entry_valid": 4}, [FLAT, (10, 12, 10, 11)], codes=(0,)
    ),
    "stop entry, the opposite code turns it": case(
        ENTRY | {"entry_valid": 4}, [FLAT, (10, 12, 9, 9.5)], (2, 2, 9, 9.5, END), codes=(-1,)
    ),
    "stop entry, last bar": case(ENTRY, []),
    "stop entry, stopped in its bar": case(
        ENTRY | STOP, [(10, 11, 9.9, 10)], (1, 1, 11, 9.9, "stop_loss"), mirrors=False
    ),
    "scale_out, not reached": case(HALF, [FLAT, (10, 10.9, 10, 10)], (1, 2, 10, 10, END)),
    "scale_out, gap": case(HALF, [FLAT, TWELVE, FLAT], (1, 3, 10, 11, END)),
    "scale_out, in the bar of the entry": case(
        HALF, [TEN_TO_ELEVEN, TWELVE], (1, 2, 10, 11.5, END)
    ),
    "scale_out, a quarter": case(
        HALF | {"scale_out_part": 0.25}, [FLAT, TEN_TO_ELEVEN, TWELVE], (1, 3, 10, 11.75, END)
    ),
    "scale_out, once": case(
        HALF, [FLAT, TEN_TO_ELEVEN, FLAT, TEN_TO_ELEVEN, TWELVE], (1, 5, 10, 11.5, END)
    ),
    "pyramiding, touched on the last bar": case(
        UNITS, [FLAT, TEN_TO_ELEVEN], (1, 2, 10.5, 11, END)
    ),
    "pyramiding, not reached": case(UNITS, [FLAT, (10, 10.9, 10, 10)], (1, 2, 10, 10, END)),
    "margin, gap": case(
        {"leverage": 5, "maintenance_margin": 0.1},
        [FLAT, (8.5, 9, 8.5, 9)],
        (1, 2, 10, 8.5, "liquidation"),
    ),
    "margin, last bar stays above": case(
        {"leverage": 5, "maintenance_margin": 0.1}, [FLAT, (10, 10, 9.5, 10)], (1, 2, 10, 10, END)
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_long_position(name):
    same(told(played(CASES[name])), CASES[name].trades)


@pytest.mark.parametrize("name", [name for name, table in CASES.items() if table.mirrors])
def test_a_short_position_mirrors_it(name):
    same(told(played(CASES[name], side=-1)), CASES[name].trades, side=-1)


def test_a_short_margin_call_inside_the_bar():
    """500 sold at 10 leave 6,000; a tenth of 500 L is left at L = 6,000 / 550."""
    settings = {"leverage": 5, "maintenance_margin": 0.1}
    traced = played(Case(settings, [FLAT, (10, 10, 8.5, 10)], []), side=-1)
    assert traced.trades["exit_price"][0] == pytest.approx(6000 / 550)
    assert traced.counts["liquidations"] == 1


@pytest.mark.parametrize("name", SIZES)
def test_sizes_of_shorts(name):
    settings, size = SIZES[name]
    traced = played(Case(settings, [FLAT], []), side=-1)
    assert traced.trades["size"].tolist() == pytest.approx([] if size is None else [size])
    assert traced.trades["side"].tolist() == ([] if size is None else [-1])


def test_each_setting_has_its_table():
    text = "".join(path.read_text() for path in Path(__file__).parent.glob("test_*.py"))
    assert [field.name for field in fields(OrderSettings) if f'"{field.name}"' not in text] == []
