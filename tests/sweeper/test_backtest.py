"""`run_backtest`: what it returns, and that its numbers are the kernels'."""

import numpy as np
import pandas as pd
import pytest

from kernels import METRICS, Settings, evaluate
from sweeper.backtest import Backtest, run_backtest, run_backtests, stored_bars


@pytest.fixture(scope="module")
def nasdaq():
    return run_backtest(Backtest(strategy="sma", params={"fast": 20, "slow": 50}, holdout=0))


def frame(closes, opens=None):
    times = pd.date_range("2020-01-01", periods=len(closes), freq="D", tz="UTC")
    opens = closes if opens is None else opens
    columns = {"open": opens, "high": np.maximum(opens, closes), "low": np.minimum(opens, closes)}
    return pd.DataFrame(columns | {"close": closes, "volume": 1.0}, index=times, dtype=np.float64)


def test_the_built_in_source_of_a_symbol_is_found(nasdaq):
    assert len(nasdaq.equity) == 5031
    assert str(nasdaq.equity.index[0].date()) == "1999-01-04"


def test_metrics_are_the_bits_of_evaluate(nasdaq):
    bars = frame(100 + np.cumsum(np.random.default_rng(1).normal(0, 1, 400)))
    costs = {"commission": 0.001, "slippage": 0.0, "direction": "both"}
    one = run_backtest(Backtest(strategy="sma", params={"fast": 5}, bars=bars, **costs))
    many = evaluate(bars, "sma", {"fast": [3, 5, 9], "slow": 50}, Settings(**costs))
    for name in METRICS:
        np.testing.assert_array_equal(one.metrics[name], many[name][1])


@pytest.mark.parametrize("periods", [252, 365])
def test_metrics_are_those_of_pandas(periods):
    """Eight of them, from the equity alone; `kurtosis` is that of Pearson, 3 for a normal law."""
    bars = frame(100 * np.exp(np.cumsum(np.random.default_rng(2).normal(0, 0.02, 500))))
    asked = Backtest(
        strategy="sma",
        params={"fast": 5, "slow": 20},
        bars=bars,
        direction="both",
        periods_per_year=periods,
    )
    result = run_backtest(asked)
    equity = pd.concat([pd.Series([10_000.0]), pd.Series(result.equity.to_numpy())])
    returns = equity.pct_change().dropna()
    variance = returns.var(ddof=0)
    downside = np.sqrt((returns.clip(upper=0) ** 2).mean())
    away = returns - returns.mean()
    expected = {
        "sharpe": returns.mean() / returns.std() * np.sqrt(periods),
        "volatility": returns.std() * np.sqrt(periods),
        "sortino": returns.mean() / downside * np.sqrt(periods),
        "max_drawdown": (1 - equity / equity.cummax()).max(),
        "annual_return": (equity.iloc[-1] / 10_000) ** (365.25 / 500) - 1,  # 500 days
        "total_return": equity.iloc[-1] / 10_000 - 1,
        "skew": (away**3).mean() / variance**1.5,
        "kurtosis": (away**4).mean() / variance**2,
    }
    assert {name: result.metrics[name] for name in expected} == pytest.approx(expected, rel=1e-9)


def test_stored_bars_leave_the_holdout_alone_unless_told_and_say_so(nasdaq, caplog):
    """The bars are those of a sweep: 4,025 of 5,031, the newest fifth kept unseen."""
    asked = {"strategy": "sma", "params": {"fast": 20, "slow": 50}}
    kept = run_backtest(Backtest(**asked))
    assert len(kept.equity) == 4_025
    assert str(kept.equity.index[-1].date()) == "2014-12-31"
    assert kept.note == caplog.messages[0]
    assert kept.note == "NASDAQ: The newest 20% of the bars is kept unseen; holdout=0 reads all."
    assert kept.note in kept._repr_html_()
    assert nasdaq.note == ""
    later = run_backtest(Backtest(**asked, end="2018-12-31"))
    assert later.metrics == kept.metrics  # an end inside of it reads no bar of it
    earlier = run_backtest(Backtest(**asked, end="2009-12-31"))
    assert (str(earlier.equity.index[-1].date()), earlier.note) == ("2009-12-31", "")
    dated = run_backtest(Backtest(**asked, holdout="2012-01-01"))
    assert str(dated.equity.index[-1].date()) == "2011-12-30"
    with pytest.raises(ValueError, match="lies in the holdout"):
        run_backtest(Backtest(**asked, start="2016-01-01"))
    many = evaluate(stored_bars("NASDAQ"), "sma", {"fast": 20, "slow": 50})
    assert many["sharpe"][0] == kept.metrics["sharpe"]


def test_a_result_is_shown_as_numbers_and_as_a_plot(nasdaq):
    assert nasdaq.stats()["sharpe"] == nasdaq.metrics["sharpe"]
    growth, fall = nasdaq.plot().data
    assert growth.y[-1] == pytest.approx(nasdaq.equity.iloc[-1] / nasdaq.equity.iloc[0], rel=1e-5)
    assert min(fall.y) == pytest.approx(-nasdaq.metrics["max_drawdown"], rel=1e-4)


def test_trades_worked_by_hand():
    """Bought at the open after the first rise over the average, sold after the fall."""
    bars = frame([10, 11, 12, 9, 8, 8.0], opens=[10, 10, 11.5, 12, 9, 8.0])
    free = {"commission": 0.0, "slippage": 0.0, "initial_capital": 1150.0}
    result = run_backtest(
        Backtest(strategy="sma", params={"fast": 1, "slow": 2}, bars=bars, **free)
    )
    (trade,) = result.trades.to_dict("records")
    assert trade["entry_time"] == bars.index[2]
    assert trade["exit_time"] == bars.index[4]
    assert (trade["side"], trade["entry_price"], trade["exit_price"]) == (1, 11.5, 9.0)
    assert (trade["size"], trade["pnl"]) == (100.0, -250.0)
    assert trade["return"] == pytest.approx(-2.5 / 11.5)
    assert trade["exit_reason"] == "signal"
    assert result.equity.tolist() == [1150.0, 1150.0, 1200.0, 900.0, 900.0, 900.0]


def test_without_trades_the_frame_keeps_its_columns():
    bars = frame([10.0] * 20)
    result = run_backtest(Backtest(strategy="sma", params={"fast": 2, "slow": 3}, bars=bars))
    assert result.trades.empty
    assert list(result.trades) == [
        *("entry_time", "exit_time", "side", "entry_price", "exit_price"),
        *("size", "pnl", "return", "exit_reason"),
    ]
    assert result.metrics["sharpe"] == 0


def test_start_and_end_are_included():
    result = run_backtest(Backtest(strategy="buy_hold", start="2000-01-03", end="2000-01-05"))
    assert [str(day.date()) for day in result.equity.index] == [
        "2000-01-03",
        "2000-01-04",
        "2000-01-05",
    ]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"strategy": "smaa"}, "did you mean sma"),
        ({"params": {"fst": 3}}, "did you mean fast"),
        ({"params": {"fast": 2.5}}, "must be an integer, got 2.5"),
        ({"params": {"fast": 0}}, "must be at least 1, got 0"),
        ({"symbol": "NASDAK"}, "did you mean nasdaq"),
        ({"direction": "up"}, "need one of long, short, both, got 'up'"),
        ({"commission": -1}, r"commission: need a fraction in \[0, 1\)"),
        ({"start": "2001-01-01", "end": "2000-01-01"}, "is after"),
        ({"start": "2030-01-01"}, "NASDAQ .*: 0 bars from 2030-01-01"),
    ],
)
def test_bad_input_is_one_line(asked, message):
    with pytest.raises(ValueError, match=message) as error:
        run_backtest(Backtest(**{"strategy": "sma"} | asked))
    assert "\n" not in str(error.value)


def test_bad_bars_are_refused_by_row():
    bars = frame([10, 11, 12, 13.0])
    bars.iloc[2, bars.columns.get_loc("close")] = np.nan
    with pytest.raises(ValueError, match="2020-01-03"):
        run_backtest(Backtest(strategy="buy_hold", bars=bars))


def hourly(count=8_760, zone="UTC"):
    """A year of hours that go up and down."""
    closes = 100 * np.exp(np.cumsum(np.random.default_rng(0).normal(0.00002, 0.005, count)))
    times = pd.date_range("2021-01-01", periods=count, freq="h", tz=zone)
    return frame(closes).set_axis(times)


def test_bars_a_year_are_those_of_the_index():
    free = {"strategy": "buy_hold", "commission": 0.0, "slippage": 0.0}
    derived = run_backtest(Backtest(bars=hourly(), **free))
    stated = run_backtest(Backtest(bars=hourly(), periods_per_year=8_760, **free))
    np.testing.assert_equal(derived.metrics, stated.metrics)
    returns = derived.equity.pct_change().fillna(0.0)
    by_pandas = returns.mean() / returns.std() * np.sqrt(8_760)
    assert derived.metrics["sharpe"] == pytest.approx(by_pandas, rel=1e-9)
    assert derived.metrics["annual_return"] == pytest.approx(
        derived.metrics["total_return"], rel=2e-3
    )
    many = evaluate(hourly(), "buy_hold", settings={"commission": 0.0, "slippage": 0.0})
    assert many["sharpe"][0] == derived.metrics["sharpe"]


@pytest.mark.parametrize("zone", [None, "UTC", "America/New_York"])
def test_equity_and_trades_carry_the_index_that_was_given(zone):
    bars = hourly(500, zone)
    result = run_backtest(Backtest(strategy="sma", params={"fast": 5, "slow": 20}, bars=bars))
    assert result.equity.index.equals(bars.index)
    assert result.trades["entry_time"].isin(bars.index).all()
    assert len(result.trades) > 5
    joined = bars.join(result.equity, how="inner")
    assert len(joined) == 500


def test_errors_about_own_bars_do_not_speak_of_the_built_in_ones():
    bars = hourly(50).iloc[::-1]
    with pytest.raises(ValueError, match=r"^bars: row 2 .* is earlier than the row before"):
        run_backtest(Backtest(strategy="sma", bars=bars))
    with pytest.raises(ValueError, match=r"^MINE: row 2 "):
        run_backtest(Backtest(strategy="sma", bars=bars, symbol="MINE"))


def test_many_at_once_have_the_bits_of_one_at_a_time_in_the_order_given():
    many = [
        Backtest(strategy="sma", params={"fast": 5}, stop_loss=0.05, end="2003-12-31"),
        Backtest(strategy="rsi", commission=0.001, end="2003-12-31"),
        Backtest(strategy="sma", params={"fast": 9, "slow": 30}, end="2003-12-31"),
        Backtest(strategy="sma", params={"slow": 90}, direction="both", end="2003-12-31"),
    ]
    for own, metrics in zip(many, run_backtests(many), strict=True):
        assert list(metrics) == list(METRICS)
        np.testing.assert_array_equal(list(metrics.values()), [*run_backtest(own).metrics.values()])


def test_of_many_the_first_that_is_refused_is_named():
    good = Backtest(strategy="sma", end="2003-12-31")
    bad = Backtest(strategy="sma", params={"fast": -1}, end="2003-12-31")
    with pytest.raises(ValueError, match=r"^configs\[2\]: strategy sma: params\.fast"):
        run_backtests([good, good, bad])
