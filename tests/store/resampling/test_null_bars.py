"""Bars without skill: valid, fair, and with the shapes of those they were drawn from."""

import math

import numpy as np
import pandas as pd
import pytest

from store.data import DataSpec, load
from store.data.bars import check_rules
from store.resampling.null_bars import Edge, null_bars, null_bars_together

NASDAQ = load(DataSpec(source="nasdaq"))[0].frame.iloc[-1_000:]
EDGES = [None, Edge(1.0, 252), Edge(1.0, 252, persistence=20)]


def simple(bars):
    return bars["close"].pct_change().dropna().to_numpy()


def sharpe(r):
    return r.mean() / r.std() * math.sqrt(252)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("edge", EDGES)
def test_drawn_bars_are_valid_and_like_the_real_ones(mirrored, edge):
    drawn = null_bars(NASDAQ, 3, mirrored=mirrored, edge=edge)
    check_rules(drawn, "drawn")
    assert drawn.index.equals(NASDAQ.index)
    assert drawn.columns.tolist() == NASDAQ.columns.tolist()
    assert drawn["close"].iloc[0] == NASDAQ["close"].iloc[0]
    assert set(drawn["volume"]) <= set(NASDAQ["volume"])
    assert simple(drawn).std() == pytest.approx(simple(NASDAQ).std(), rel=0.15)


def test_prices_of_one_tick_and_bars_without_range_stay_valid():
    random = np.random.default_rng(5)
    close = np.exp(np.cumsum(random.normal(0, 0.3, 300))) * 1e-8
    flat = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close))
    flat["high"] *= 1 + (random.random(300) < 0.5) * 1e-15
    flat.index = pd.date_range("2020", periods=300, tz="UTC")
    flat["volume"] = 0.0
    for number in range(20):
        check_rules(null_bars(flat, (1, number), mirrored=bool(number % 2)), "drawn")


def test_a_bar_keeps_its_shape_gap_and_features():
    bars = NASDAQ.assign(number=np.arange(1_000.0))
    drawn = null_bars(bars, 8, block=5)
    source = bars.iloc[drawn["number"].to_numpy(int)]
    for name in ("open", "high", "low"):
        ours, theirs = (frame[name] / frame["close"] for frame in (drawn, source))
        np.testing.assert_allclose(ours.to_numpy(), theirs.to_numpy(), rtol=1e-12)
    assert drawn["number"].iloc[0] == 0
    assert (drawn["number"].iloc[1:] > 0).all(), "the first bar has no return"
    follows = np.diff(drawn["number"]) == 1
    assert follows.mean() == pytest.approx(1 - 1 / 5, abs=0.05)
    drift = (
        np.log(drawn["close"]).diff()
        - np.log(bars["close"]).diff().iloc[drawn["number"].astype(int)].to_numpy()
    )
    assert drift.iloc[1:].std() < 1e-12, "every return is the real one less the same drift"


def test_a_mirrored_bar_is_the_real_one_upside_down():
    bars = NASDAQ.assign(number=np.arange(1_000.0))
    drawn = null_bars(bars, 8, mirrored=True)
    source = bars.iloc[drawn["number"].to_numpy(int)]
    returns = np.log(bars["close"]).diff().iloc[drawn["number"].astype(int)].to_numpy()[1:]
    found = np.log(drawn["close"]).diff().to_numpy()[1:]
    turned = np.sign(found) != np.sign(returns - returns.mean())
    assert turned.mean() == pytest.approx(0.5, abs=0.06)
    ours = np.log(drawn["high"] / drawn["close"]).to_numpy()[1:]
    above = np.log(source["high"] / source["close"]).to_numpy()[1:]
    below = np.log(source["close"] / source["low"]).to_numpy()[1:]
    as_is, upside_down = np.abs(ours - above) < 1e-12, np.abs(ours - below) < 1e-12
    assert (as_is | upside_down).all()
    assert upside_down[turned & (np.abs(found) > 0.01)].all()


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_mean_return_is_nothing(mirrored):
    """300 draws of 4 years: their mean annual Sharpe ratio has an error of 0.03."""
    found = [sharpe(simple(null_bars(NASDAQ, (1, k), mirrored=mirrored))) for k in range(300)]
    assert np.mean(found) == pytest.approx(0, abs=0.09)
    assert np.std(found) == pytest.approx(0.5, abs=0.07)


def test_a_constant_drift_is_the_planted_sharpe_ratio():
    found = [sharpe(simple(null_bars(NASDAQ, (2, k), edge=Edge(1.5, 252)))) for k in range(300)]
    assert np.mean(found) == pytest.approx(1.5, abs=0.09)


def test_a_wandering_drift_pays_who_follows_it_only():
    edge = Edge(8.0, 252, persistence=50)
    bars = [null_bars(NASDAQ, (3, k), edge=edge, block=1) for k in range(150)]
    held = [sharpe(simple(one)) for one in bars]
    follow = [sharpe(simple(one)[20:] * np.sign(trend(one))) for one in bars]
    plain = [null_bars(NASDAQ, (3, k), block=1) for k in range(150)]
    nothing = [sharpe(simple(one)[20:] * np.sign(trend(one))) for one in plain]
    assert abs(np.mean(held)) < 0.6
    assert abs(np.mean(nothing)) < 0.15
    assert 2 < np.mean(follow) < 8


def trend(bars):
    """Change over the 20 bars before each return, from the 21st return on."""
    close = bars["close"].to_numpy()
    return close[20:-1] - close[:-21]


def test_mirrored_bars_cannot_be_foreseen_and_stay_clustered():
    """A market in which each return repeats the last: nothing of it is left when mirrored."""
    random = np.random.default_rng(1)
    steps = random.normal(0, 0.01, 1_000) * np.repeat(random.choice([0.3, 2.0], 20), 50)
    steps[1:] = 0.7 * steps[:-1] + 0.3 * steps[1:]
    close = 100 * np.exp(np.cumsum(steps))
    bars = pd.DataFrame(dict.fromkeys(("open", "high", "low", "close"), close))

    def memory(values):
        return np.corrcoef(values[1:], values[:-1])[0, 1]

    kept = [memory(simple(null_bars(bars, (4, k), block=50))) for k in range(40)]
    gone = [simple(null_bars(bars, (4, k), block=50, mirrored=True)) for k in range(40)]
    assert np.mean(kept) > 0.15
    assert np.mean([memory(r) for r in gone]) == pytest.approx(0, abs=0.05)
    assert np.mean([memory(np.abs(r)) for r in gone]) > 0.15


def test_the_same_seed_draws_the_same_bars():
    first, again = null_bars(NASDAQ, (5, 1)), null_bars(NASDAQ, (5, 1))
    pd.testing.assert_frame_equal(first, again)
    assert not first.equals(null_bars(NASDAQ, (5, 2)))


@pytest.mark.parametrize(
    ("bars", "options", "message"),
    [
        (NASDAQ.iloc[:15], {}, "bars: need 16 or more to draw from, got 15"),
        (NASDAQ.assign(close=np.nan), {}, "bars: prices must be finite and above 0"),
        (NASDAQ.assign(low=0.0), {}, "bars: prices must be finite and above 0"),
        (NASDAQ, {"block": 0.5}, "block: must be 1 or more"),
        (NASDAQ, {"edge": Edge(math.nan, 252)}, "edge.sharpe: must be finite"),
        (NASDAQ, {"edge": Edge(1.0, 0)}, "edge.periods_per_year: must be"),
        (NASDAQ, {"edge": Edge(1.0, 252, 0.5)}, "edge.persistence: must be 1 or more"),
        (NASDAQ, {"edge": Edge(-1e6, 252)}, "edge.sharpe: .* a return of -1 or less"),
    ],
)
def test_what_cannot_be_drawn_from_is_refused(bars, options, message):
    with pytest.raises(ValueError, match=message):
        null_bars(bars, 1, **options)


def test_symbols_that_move_together_do_so_on_drawn_bars():
    rng = np.random.default_rng(3)
    common, own = rng.normal(0, 0.01, 300), rng.normal(0, 0.003, (2, 300))
    times = pd.bdate_range("2015-01-01", periods=300)
    frames = []
    for moves in common + own:
        close = 50 * np.exp(np.cumsum(moves))
        frames.append(
            pd.DataFrame({"open": close, "high": close, "low": close, "close": close}, times)
        )
    drawn = null_bars_together([frames[0], frames[1].iloc[20:]], (1, 2))
    first, second = (np.log(frame["close"]).diff().dropna() for frame in drawn)
    assert len(drawn[1]) == 280
    assert np.corrcoef(first.iloc[20:], second)[0, 1] > 0.8
    alone = null_bars_together([frames[0]], (1, 2))[0]
    pd.testing.assert_frame_equal(alone, null_bars(frames[0], (1, 2), mirrored=True))
