"""Backtests that are in flight together: each gets its own numbers, or its own refusal."""

import asyncio

from serve.backtests.quick import Batcher, answers
from serve.backtests.requests import Asked
from sweeper.backtest import Backtest, run_backtest

DAYS = {"end": "2003-12-31"}


def test_fifty_in_flight_have_the_bits_of_each_alone():
    asked = [
        Backtest(strategy="sma", params={"fast": 5 + k, "slow": 90}, **DAYS) for k in range(50)
    ]
    asked += [Backtest(strategy="sma", params={"fast": -1}, **DAYS)]

    async def together():
        batcher = Batcher()
        await batcher.metrics(asked[0])  # compiled, in a thread
        return await asyncio.gather(*map(batcher.metrics, asked), return_exceptions=True)

    *good, bad = asyncio.run(together())
    for backtest, metrics in zip(asked[::7], good[::7], strict=False):
        assert metrics == run_backtest(backtest).metrics
    assert "params.fast must be at least 1" in str(bad)
    assert "configs[" not in str(bad)


def test_one_that_is_refused_takes_no_other_with_it():
    good, bad = Backtest(strategy="sma", **DAYS), Backtest(strategy="sma", fill="never", **DAYS)
    first, second, third = answers([good, bad, good])
    assert first == third == run_backtest(good).metrics
    assert isinstance(second, ValueError)


def test_a_body_has_the_defaults_of_a_backtest():
    assert Asked(strategy="sma").backtest() == Backtest(strategy="sma", params={}, symbol="NASDAQ")
