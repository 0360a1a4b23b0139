"""Annual figures: by elapsed time, of days, above a risk-free rate; against pandas or by hand."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from kernels import evaluate
from kernels.engine.metrics import METRICS
from kernels.engine.settings import Settings
from kernels.evaluate import evaluate_runs, trace
from kernels.registry import load
from kernels.series.bars import prepare

FREE = {"commission": 0.0, "slippage": 0.0}
HOLD = load("buy_hold")


def rising(times, growth):
    """Bars whose price grows evenly in time, bought at the first close."""
    share = (times - times[0]) / (times[-1] - times[0])
    close = 100.0 * growth ** np.asarray(share, float)
    return pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close), index=times)


def held(bars, engine="events", **settings):
    given = Settings(**FREE, fill="same_close", engine=engine, **settings)
    values = evaluate(bars, "buy_hold", {}, given)
    return {name: value[0] for name, value in values.items()}


@pytest.mark.parametrize("periods", [252.0, 365.0])
def test_a_doubling_over_three_years_is_26_percent_whatever_bars_are_missing(periods):
    days = pd.date_range("2020-01-01", "2022-12-31", tz="UTC")
    kept = np.random.default_rng(1).random(days.size) < 0.6
    kept[[0, -1]] = True
    for times in (days, days[kept], days[days.day_of_week < 5], days[::7]):
        got = held(rising(times, 2.0), periods_per_year=periods)
        assert got["total_return"] == pytest.approx(1.0)
        assert got["annual_return"] == pytest.approx(2 ** (1 / 3) - 1, abs=0.002)
        assert got["calmar"] == np.inf


def test_elapsed_time_is_that_of_as_many_bars():
    """Three bars at noon of days 0, 1 and 4: four days between three, so six days in all."""
    times = pd.DatetimeIndex(["2024-01-01 12:00", "2024-01-02 12:00", "2024-01-05 12:00"])
    got = held(rising(times, 1.1))
    assert got["annual_return"] == pytest.approx(1.1 ** (365.25 / 6) - 1, rel=1e-12)


def test_a_window_is_measured_by_its_own_bars():
    times = pd.date_range("2020-01-01", periods=400, freq="D").append(
        pd.date_range("2023-01-01", periods=400, freq="D")
    )
    bars = rising(times, 3.0)
    series = prepare(bars)
    part = prepare(bars.iloc[400:])
    for engine in ("events", "scalar"):
        chosen = Settings(**FREE | {"periods_per_year": 365.0}, engine=engine)
        whole = evaluate_runs(series, HOLD, np.empty((1, 0)), chosen, [(400, 800)])
        alone = evaluate_runs(part, HOLD, np.empty((1, 0)), chosen, [(0, 400)])
        np.testing.assert_allclose(whole.metrics[0, 0], alone.metrics[0, 0], rtol=1e-11)


def test_without_times_bars_are_counted():
    bars = {name: rising(pd.date_range("2020-01-01", periods=504), 1.21)[name].to_numpy()
            for name in ("open", "high", "low", "close")}  # fmt: skip
    got = held(bars)
    assert got["annual_return"] == pytest.approx(0.1)
    assert np.isnan(got["sharpe_daily"])


@pytest.mark.parametrize(("minutes", "known"), [(60, False), (60 * 23, False), (60 * 25, True)])
def test_less_than_a_day_is_not_carried_to_a_year(minutes, known):
    times = pd.date_range("2024-01-01", periods=minutes, freq="min")
    got = held(rising(times, 2.89), periods_per_year=525_600.0)
    assert np.isfinite(got["annual_return"]) == known
    assert np.isnan(got["calmar"]) == (not known)
    assert np.isfinite(got["total_return"])


def test_what_no_number_can_hold_is_not_infinity():
    times = pd.date_range("2024-01-01", periods=60 * 25, freq="min")
    assert np.isnan(held(rising(times, 1e6), periods_per_year=525_600.0)["annual_return"])


def test_nothing_gained_is_nothing_a_year_in_any_time():
    times = pd.date_range("2024-01-01", periods=5, freq="min")
    got = held(rising(times, 1.0), periods_per_year=525_600.0)
    assert got["annual_return"] == got["calmar"] == 0


def market(n, freq, seed=3):
    """Hours or minutes of five sessions a week, six and a half hours long, New York time."""
    days = pd.bdate_range("2024-01-02", periods=n, tz="America/New_York")
    times = pd.DatetimeIndex(
        np.concatenate([pd.date_range(d + pd.Timedelta("9h30min"), d + pd.Timedelta("15h59min"),
                                      freq=freq).tz_convert("UTC") for d in days])
    ).tz_convert("UTC")  # fmt: skip
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.004, times.size)))
    return pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close), index=times)


def daily_by_pandas(equity, times, capital, periods, risk_free=0.0):
    """Sharpe ratio of the equity resampled to days, the first day against the capital."""
    last = pd.Series(equity, index=times).groupby(times.tz_convert("America/New_York").date).last()
    r = last / last.shift(1, fill_value=capital) - 1
    return (r.mean() - risk_free / periods) / r.std() * np.sqrt(periods)


@pytest.mark.parametrize("engine", ["events", "scalar"])
@pytest.mark.parametrize("freq", ["1h", "30min"])
@pytest.mark.parametrize("direction", ["long", "both"])
@pytest.mark.parametrize("risk", [{}, {"stop_loss": 0.02, "risk_fraction": 0.01}])
def test_the_daily_sharpe_is_that_of_pandas(engine, freq, direction, risk):
    bars = market(130, freq)
    series, strategy = prepare(bars), load("sma")
    per_day = len(bars) / 130
    for risk_free in (0.0, 0.03):
        chosen = Settings(direction=direction, periods_per_year=252 * per_day, engine=engine,
                          risk_free=risk_free, **risk)  # fmt: skip
        for window in ((0, len(bars)), (41, len(bars) - 5)):  # days cut in the middle, too
            for params in ((5.0, 20.0), (30.0, 90.0)):
                row = np.array(params)
                runs = evaluate_runs(series, strategy, row[None], chosen, [window])
                equity = trace(series, strategy, row, chosen, window).equity
                times = bars.index[slice(*window)]
                days = len(np.unique(times.tz_convert("America/New_York").date))
                a_year = chosen.periods_per_year * days / len(times)
                want = daily_by_pandas(equity, times, 10_000.0, a_year, risk_free)
                got = runs.metrics[0, 0, METRICS.index("sharpe_daily")]
                assert got == pytest.approx(want, rel=1e-9)


def test_days_that_are_given_are_those_that_are_sampled():
    """Sydney's session crosses midnight in UTC: two days by the clock, one by the exchange."""
    bars = market(60, "1h")
    shifted = bars.set_axis(bars.index + pd.Timedelta("7h"))
    sessions = np.repeat(np.arange(60), len(bars) // 60)
    plain, by_session = prepare(shifted), prepare(shifted, days=sessions)
    got = [
        evaluate(series, "sma", {"fast": 5, "slow": 20}, {"periods_per_year": 1764.0})
        for series in (prepare(bars), by_session, plain)
    ]
    assert got[0]["sharpe_daily"] == got[1]["sharpe_daily"]
    assert got[0]["sharpe_daily"] != got[2]["sharpe_daily"]


@pytest.mark.parametrize("freq", ["D", "W", "3D"])
def test_of_daily_and_longer_bars_both_sharpe_ratios_are_one(freq):
    times = pd.date_range("2020-01-01", periods=300, freq=freq)
    close = 100 * np.exp(np.cumsum(np.random.default_rng(5).normal(0, 0.02, 300)))
    bars = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close), index=times)
    got = evaluate(bars, "sma", {"fast": 3, "slow": 9})
    assert got["sharpe_daily"] == got["sharpe"] != 0


def test_the_risk_free_rate_against_pandas():
    bars = market(100, "1h")
    base = Settings(direction="both", periods_per_year=1764.0)
    for engine in ("events", "scalar"):
        for rate in (0.05, -0.01):
            chosen = dataclasses.replace(base, risk_free=rate, engine=engine)
            got = evaluate(bars, "sma", {"fast": 5, "slow": 20}, chosen)
            equity = trace(prepare(bars), load("sma"), np.array([5.0, 20.0]), base,
                           (0, len(bars))).equity  # fmt: skip
            r = pd.Series(equity).pct_change().fillna(equity[0] / 10_000.0 - 1)
            excess = r - rate / 1764
            assert got["sharpe"][0] == pytest.approx(excess.mean() / r.std() * 1764**0.5, rel=1e-9)
            down = np.sqrt((excess.clip(upper=0) ** 2).mean())
            assert got["sortino"][0] == pytest.approx(excess.mean() / down * 1764**0.5, rel=1e-9)
            plain = evaluate(bars, "sma", {"fast": 5, "slow": 20}, base)
            for name in set(METRICS) - {"sharpe", "sharpe_daily", "sortino"}:
                assert got[name] == pytest.approx(plain[name], rel=1e-12)


def test_a_rate_of_nothing_is_no_rate_to_the_bit():
    bars = market(50, "1h")
    for direction in ("long", "both"):
        a, b = (
            evaluate(bars, "sma", {"fast": np.arange(3, 9), "slow": 20}, given)
            for given in ({"direction": direction}, {"direction": direction, "risk_free": 0.0})
        )
        assert all(a[name].tobytes() == b[name].tobytes() for name in METRICS)


def test_without_a_trade_the_ratios_are_0_whatever_the_rate():
    bars = market(50, "1h")
    got = evaluate(bars, "sma", {"fast": 5, "slow": 20}, {"risk_free": 0.1}, windows=[(0, 9)])
    assert got["trades"][0, 0] == 0
    assert [got[name][0, 0] for name in ("sharpe", "sharpe_daily", "sortino")] == [0, 0, 0]


@pytest.mark.parametrize("rate", [2.0, -1.0, float("nan"), "2 %"])
def test_a_rate_that_is_no_fraction_a_year_is_refused(rate):
    with pytest.raises(ValueError, match=r"risk_free: need a rate per year in \(-1, 1\)"):
        evaluate(market(5, "1h"), "buy_hold", {}, {"risk_free": rate})
