"""docs/semantics.md is exact: each example and each metric comes out as printed."""

import re

import numpy as np
import pytest
import yaml

from kernels import METRICS, Settings, evaluate
from kernels.engine.position import REASONS
from kernels.evaluate import trace
from kernels.registry import load
from kernels.series.bars import prepare
from tests.documents import blocks, table_rows
from tests.slow import Replay

SCRIPTED = load("tests.kernels.scripted")
BASE = {"direction": "both", "commission": 0.0, "slippage": 0.0, "initial_capital": 1000.0}
CODES = {"+1": 1.0, "0": 0.0, "-1": -1.0, ".": 2.0}
FILL = re.compile(r"(\w+) (\S+) @ ([^ ,]+)(?: (\w+))?(?:,|\s*$)")
TRADE = re.compile(r"(long|short), bars (\d+) to (\d+), (\S+) to (\S+), pnl (\S+), (\w+)")
EXAMPLES = [body for _, body in blocks("semantics.md", "example")]


class Example:
    """One fenced example, parsed."""

    def __init__(self, text):
        lines = text.splitlines()
        given = lines[0].removeprefix("settings: ") if lines[0].startswith("settings") else ""
        own = dict(pair.split("=") for pair in given.split())
        start, stop = map(int, own.pop("window", "0:5").split(":"))
        self.window = (start, stop)
        self.settings = BASE | {name: yaml.safe_load(value) for name, value in own.items()}
        rows = [line.split("|") for line in lines if re.match(r" +\d+ \|", line)]
        self.prices = [tuple(map(float, row[1].split())) for row in rows]
        self.codes = [CODES[row[2].strip()] for row in rows]
        self.fills = [FILL.findall(row[3]) for row in rows]
        self.equity = [float(row[4]) for row in rows[start:stop]]
        self.trades = TRADE.findall(text)
        assert len(self.trades) == text.count("trade: ") - text.count("trade: none")
        assert [int(row[0]) for row in rows] == [0, 1, 2, 3, 4]

    def whole_settings(self, engine="events"):
        return Settings(**self.settings, engine=engine)

    def trace(self, engine="events"):
        columns = dict(
            zip(("open", "high", "low", "close"), np.transpose(self.prices), strict=True)
        )
        bars = prepare(columns | {"code": self.codes})
        settings = self.whole_settings(engine)
        return trace(bars, SCRIPTED, np.ones(2), settings, self.window)


def fills_of(trades):
    """(word, size, price, reason) of the fills on each of five bars; the end is no fill."""
    out = [[] for _ in range(5)]
    for t in trades:
        reason = REASONS[t["exit_reason"]]
        enter, leave = ("buy", "sell") if t["side"] > 0 else ("short", "cover")
        out[t["entry_bar"]].append((enter, t["size"], t["entry_price"], ""))
        if reason != "end":
            why = "" if reason == "signal" else reason
            out[t["exit_bar"]].append((leave, t["size"], t["exit_price"], why))
    return out


@pytest.mark.parametrize("engine", ["events", "scalar"])
@pytest.mark.parametrize("text", EXAMPLES)
def test_an_example_comes_out_as_printed(text, engine):
    example = Example(text)
    got = example.trace(engine)
    assert got.equity == pytest.approx(example.equity, rel=1e-12)
    for bar, fills in enumerate(fills_of(got.trades)):
        assert [(f[0], f[3]) for f in fills] == [(f[0], f[3]) for f in example.fills[bar]]
        numbers = [float(x) for f in example.fills[bar] for x in f[1:3]]
        assert [x for f in fills for x in f[1:3]] == pytest.approx(numbers, rel=1e-12)
    assert len(got.trades) == len(example.trades)
    for t, (side, first, last, paid, sold, pnl, why) in zip(
        got.trades, example.trades, strict=True
    ):
        assert (t["side"], REASONS[t["exit_reason"]]) == ({"long": 1, "short": -1}[side], why)
        assert (t["entry_bar"], t["exit_bar"]) == (int(first), int(last))
        prices = (t["entry_price"], t["exit_price"])
        assert prices == pytest.approx((float(paid), float(sold)), rel=1e-12)
        assert t["pnl"] == pytest.approx(float(pnl), rel=1e-12, abs=1e-9)


@pytest.mark.parametrize("text", EXAMPLES)
def test_the_plain_reference_agrees_with_an_example(text):
    example = Example(text)
    start, stop = example.window
    settings = dict.fromkeys(("stop_loss", "take_profit", "trailing_stop"))
    settings |= {"risk_fraction": None, "fill": "next_open", "arm": False}
    settings |= {"stop_order": "signal_first", "stops_from": "entry_bar"} | example.settings
    equity, _ = Replay(example.prices[start:stop], example.codes[start:stop], settings).play()
    assert equity == pytest.approx(example.equity, rel=1e-12)


def test_the_worked_metrics():
    """The block after the last example, to as many digits as are printed."""
    ((_, text),) = blocks("semantics.md", "metrics")
    printed = dict(line.split() for line in text.splitlines())
    got = dict(zip(METRICS, Example(EXAMPLES[-1]).trace().metrics, strict=True))
    assert list(printed) == list(METRICS)
    for name, value in printed.items():
        digits = len(value.partition(".")[2])
        near = 0.51 * 10**-digits if digits else 1e-9
        assert got[name] == pytest.approx(float(value), abs=near, nan_ok=True)


def test_the_metrics_without_trade_loss_or_move():
    close = np.array([[10.0] * 5, [10.0, 10, 11, 12, 12], [10.0] * 5])
    rows = table_rows("semantics.md", "metric")
    assert [row[0].strip("`") for row in rows] == list(METRICS)
    for column, code in enumerate([0.0, 1.0, 1.0]):
        bars = dict.fromkeys(("open", "high", "low", "close"), close[column])
        days = np.arange("2024-01-01", "2024-01-06", dtype="datetime64[D]")
        series = prepare(bars | {"code": np.full(5, code)}, days)
        got = evaluate(series, SCRIPTED, {}, BASE)
        for row in rows:
            if row[3 + column]:
                want = float(row[3 + column])
                assert got[row[0].strip("`")][0] == pytest.approx(want, nan_ok=True), row[0]
