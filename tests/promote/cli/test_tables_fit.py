import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from promote.cli import diff, list, log

PROFILE = "momentum_of_perpetual_futures_long_only/v123"
VERSIONS = {f"parameter_{place}": 100_000 + place for place in range(5)}


def printed(page, width):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(page)
    return console.export_text()


@pytest.mark.parametrize("width", [80, 120])
def test_lists_and_the_audit_keep_names_and_numbers(width):
    row = {
        "profile": PROFILE.partition("/")[0],
        "version": 123,
        "strategy": "a_strategy_with_a_very_long_name",
        "params": VERSIONS,
        "symbol": "BTCUSDT-PERP.BINANCE",
        "timeframe": "15m",
        "sharpe": 1.5,
        "promoted_at": "2026-11-30T10:58:12",
        "approved_by": "somebody.with.a.long.name@a-company.example",
    }
    entry = {
        "number": 123_456,
        "time": "2026-11-30T10:58:12.123456+00:00",
        "profile": row["profile"],
        "version": 123,
        "kind": "promoted",
        "by": row["approved_by"],
        "reason": "because " * 30,
    }
    for page, pieces in (
        (list._page([row]), [PROFILE, "100004", "1.50", "2026-11-30"]),
        (log._page([entry]), [PROFILE, "123456", "2026-11-30T10:58:12", entry["by"]]),
    ):
        text = printed(page, width)
        assert "…" not in text
        assert max(map(cell_len, text.splitlines())) <= width
        for piece in pieces:
            assert piece in text


def test_a_difference_has_the_units_of_show():
    changes = {
        "metrics": {"total_return": [13.1244, 0.5], "sharpe": [None, 0.714]},
        "settings": {"costs.commission": [0.0005, 0.001]},
    }
    lines = [line.split() for line in printed(diff._page("a/v1", "a/v2", changes), 80).splitlines()]
    assert ["metrics", "return", "%", "1,312.4", "50.0"] in lines
    assert ["metrics", "sharpe", "none", "0.71"] in lines
    assert ["settings", "costs.commission", "0.0005", "0.001"] in lines
