"""The look-ahead check: every way of cheating is caught and its bar named, no honest rule is."""

import dataclasses

import numpy as np
import pytest

from kernels.indicators import column
from kernels.lookahead import find_cheat
from kernels.registry import load, names
from kernels.series.bars import prepare
from kernels.strategy import HOLD, Row
from tests.kernels.market import walk
from tests.kernels.strategy_cases import RANDOM

BARS = walk(900, seed=4)
random = np.random.default_rng(8)
BARS["volume"] = random.uniform(1e3, 1e4, 900)
BARS["sentiment"] = np.where(random.random(900) < 0.8, np.nan, random.uniform(-1, 1, 900))
SERIES = prepare(BARS)
COLUMNS = ("close", "open", "high", "volume", "sentiment")
DEFAULTS = (2, 5, 0.0)


ROWS = tuple(Row(column, name) for name in COLUMNS)


def made(signal, rows=ROWS):
    """A strategy from a plain function of the columns and params that gives all codes."""

    def write(indicators, rows, params, out):
        out[:] = signal(*indicators[rows, : out.size], params)

    return dataclasses.replace(load("tests.kernels.crossing"), rows=rows, signal=write)


def cheat_of(strategy, *params, series=SERIES):
    return find_cheat(strategy, np.array(params or [DEFAULTS], float), series)


def lead(x, ahead=1):
    """The values of later bars; at the end, where there are none, the last one's."""
    return x[np.minimum(np.arange(x.size) + ahead, x.size - 1)]


def bars(x):
    """The numbers of all bars."""
    return np.arange(x.size)


def mean(x, length):
    """Of the last `length` values, NaN while there are fewer."""
    out = np.full(x.size, np.nan)
    out[length - 1 :] = np.convolve(x, np.full(length, 1 / length), "valid")
    return out


def above(x, y):
    return np.where(x > y, 1, np.where(x < y, -1, HOLD))


def late(close, *_):
    """Each bar's opinion, written to the bar before."""
    return np.r_[above(close[1:], close[:-1]), HOLD]


def corner(close, *rest):
    """Honest but for one configuration."""
    ahead = int(tuple(rest[-1]) == (9, 400, 0.5))
    return above(lead(close, ahead), mean(close, 5))


NEXT_BAR = {
    "the next close": lambda close, *_: above(lead(close), close),
    "the next bar's colour": lambda close, opened, *_: above(lead(close), lead(opened)),
    "the next high": lambda close, _, high, *__: above(lead(high), 1.02 * close),
    "the next volume": lambda _, __, ___, volume, *____: above(lead(volume), volume),
    "the next sentiment": lambda *a: above(np.nan_to_num(lead(a[4])), 0.5),
    "a fall only": lambda close, *_: np.where(lead(close) < 0.5 * close, 0, 1),
    "a rise only": lambda close, *_: np.where(lead(close) > 2.0 * close, 1, 0),
    "a green next bar": lambda close, opened, *_: above(lead(close), 1.3 * lead(opened)),
    "a red next bar": lambda close, opened, *_: above(lead(close), 0.8 * lead(opened)),
    "bar 7 alone": lambda close, *_: np.where((bars(close) == 7) & (lead(close) < 10), 0, 1),
    "all bars at once": lambda close, *_: np.full(close.size, above(close.max(), 1e3)),
    "written a bar late": late,
    "slow averages": lambda close, *_: above(lead(mean(close, 100)), lead(mean(close, 250))),
}
FURTHER = {
    "the highest close of all": lambda close, *_: above(close, 0.9 * close.max()),
    "the lowest close of all": lambda close, *_: above(close, 1.1 * close.min()),
    "the mean of all": lambda close, *_: above(close, close.mean()),
    "the deviation of all": lambda close, *_: above(abs(close - close[0]), close.std()),
    "the rank among all": lambda close, *_: above(close.argsort().argsort(), close.size / 2),
    "a centred average": lambda close, *_: above(close, lead(mean(close, 21), 10)),
    "half a year ahead": lambda close, *_: above(lead(close, 126), close),
    "how many bars there are": lambda close, *_: np.where(bars(close)[::-1] < 9, 0, 1),
}


@pytest.mark.parametrize("peek", NEXT_BAR)
def test_a_look_at_the_next_bar_is_caught(peek):
    """With the very bar named: the last one before the cut."""
    cheat = cheat_of(made(NEXT_BAR[peek]))
    assert cheat.bar == cheat.cut - 1
    assert cheat.params == DEFAULTS


@pytest.mark.parametrize("peek", FURTHER)
def test_a_look_further_ahead_is_caught(peek):
    cheat = cheat_of(made(FURTHER[peek]))
    assert 0 <= cheat.bar < cheat.cut < 900


@pytest.mark.parametrize(
    ("peek", "shock"),
    [
        ("a fall only", "down"),
        ("a rise only", "up"),
        ("a red next bar", "down"),
        ("a green next bar", "up"),
        ("how many bars there are", "gone"),
    ],
)
def test_what_shows_one_way_is_caught_that_way(peek, shock):
    assert cheat_of(made((NEXT_BAR | FURTHER)[peek])).shock == shock


@pytest.mark.parametrize(("sign", "shock"), [(1, "up"), (-1, "down")])
def test_a_feature_is_moved_out_of_its_range(sign, shock):
    """Here it has no NaN, which would tell by itself."""
    rule = made(lambda code, _: np.where(sign * lead(code) > 3.0, 1, 0), (Row(column, "code"),))
    assert cheat_of(rule).shock == shock


@pytest.mark.parametrize("lean", [0.15, -0.15], ids=["just after", "just before"])
def test_a_leak_that_shows_at_a_turn_only_is_caught(lean):
    """A slow rise, and a rule that the next bar's direction moves by a hair."""
    rising = 10.0 + np.arange(900) / 10
    series = prepare(dict.fromkeys(("open", "high", "low", "close"), rising))
    rule = made(
        lambda close, _: above(close + lean * np.sign(lead(close) - close), 60.0),
        (Row(column, "close"),),
    )
    cheat = cheat_of(rule, series=series)
    assert cheat.bar == (499 if lean > 0 else 501)
    assert cheat.cut == cheat.bar + 1


def test_an_indicator_that_peeks_is_caught():
    cheat = cheat_of(made(lambda x, _: np.where(x > 100, 1, -1), (Row(lead, "close"),)))
    assert cheat.bar == cheat.cut - 1


def test_a_peek_at_one_corner_is_caught_there():
    assert cheat_of(made(corner)) is None
    cheat = cheat_of(made(corner), DEFAULTS, (9, 400, 0.5), (2, 400, 0.5))
    assert cheat.params == (9, 400, 0.5)
    assert cheat.bar == cheat.cut - 1


def test_a_late_turn_is_looked_at():
    """A rule that has no opinion for long: the bars after its first turns are cut too."""

    def late_starter(close, *_):
        return np.where(bars(close) < 800, 0, NEXT_BAR["the next close"](close))

    assert cheat_of(made(late_starter)).bar >= 799


def spoil(indicators, rows, params, out):
    out[:] = above(indicators[rows[0], : out.size], 100.0)
    indicators[rows[0]] += 40.0


@pytest.mark.parametrize(
    "rule",
    [
        made(lambda close, *_: np.random.default_rng().integers(-1, 2, close.size)),
        made(
            lambda x, y, _: above(x, y),
            (Row(lambda x: random.permutation(x), "close"), Row(column, "close")),
        ),
        dataclasses.replace(made(None), signal=spoil),
    ],
    ids=["a random rule", "a random indicator", "writes into its rows"],
)
def test_what_cannot_be_repeated_is_caught(rule):
    cheat = cheat_of(rule)
    assert (cheat.shock, cheat.cut) == ("again", 900)


HONEST = {
    "a level": lambda close, *_: above(close, 100.0),
    "averages": lambda close, *_: above(mean(close, 100), mean(close, 250)),
    "its own bar": lambda close, opened, *_: above(close, opened),
    "a feature": lambda *a: above(np.nan_to_num(a[4]), 0.2),
    "the highest so far": lambda close, *_: above(close, np.maximum.accumulate(close)),
    "the bar before": lambda close, *_: above(close, np.r_[close[0], close[:-1]]),
    "every digit": lambda close, *_: (close * 1e9).astype(np.int64) % 3 - 1,
    "nothing": lambda close, *_: np.full(close.size, HOLD),
}


@pytest.mark.parametrize("rule", HONEST)
def test_honest_rules_pass(rule):
    assert cheat_of(made(HONEST[rule])) is None


@pytest.mark.parametrize("name", names())
def test_every_strategy_here_passes(name):
    strategy = load(name)
    short = [RANDOM[name].get(field, strategy.defaults[field]) for field in strategy.fields]
    hours = np.datetime64("2020-01-01") + np.arange(SERIES.n_bars).astype("timedelta64[h]")
    timed = prepare(BARS, hours)
    assert cheat_of(strategy, list(strategy.defaults.values()), short, series=timed) is None


@pytest.mark.parametrize("n_bars", [1, 2, 3, 64, 65])
def test_few_bars_are_enough_to_be_caught_and_none_too_few(n_bars):
    series = prepare({name: values[:n_bars] for name, values in BARS.items()})
    assert cheat_of(made(lambda close, *_: above(close, 100.0)), series=series) is None
    found = cheat_of(made(NEXT_BAR["the next close"]), series=series)
    assert (found is None) == (n_bars == 1)


def test_the_bars_themselves_stay_as_they_are():
    before = {name: values.copy() for name, values in SERIES.columns.items()}
    cheat_of(made(lambda close, *_: above(close, 100.0)))
    for name, values in before.items():
        np.testing.assert_array_equal(SERIES.columns[name], values)


def test_an_error_of_the_rule_is_not_hidden():
    def rule(close, *_):
        if close.max() > 1e3:
            raise ZeroDivisionError("so high")
        return above(close, 100.0)

    with pytest.raises(ZeroDivisionError, match="so high"):
        cheat_of(made(rule))
