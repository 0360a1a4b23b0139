"""One configuration has one result: alone, in a batch, in any window list, in a trace."""

import pickle
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

import kernels.indicator_rows
from kernels import BLOCKS, METRICS, Settings, evaluate
from kernels.engine.metrics import block_edges
from kernels.evaluate import equity_paths, evaluate_runs, trace
from kernels.registry import load
from kernels.series.bars import prepare
from tests.kernels.market import any_settings, walk

CROSSING = load("tests.kernels.crossing")
SCRIPTED = load("tests.kernels.scripted")
SERIES = prepare(walk(300, seed=1))
RANDOM = np.random.default_rng(2)
PARAMS = np.column_stack(
    [RANDOM.integers(1, 20, 200), RANDOM.integers(1, 60, 200), RANDOM.choice([0, 0.01], 200)]
).astype(float)
SETTINGS = Settings(direction="both", stop_loss=0.05, trailing_stop=0.08)


def same_bits(a, b):
    return a.shape == b.shape and a.tobytes() == b.tobytes()


def test_alone_or_in_a_batch(monkeypatch):
    windows = [(0, 300), (50, 180)]
    batch = evaluate_runs(SERIES, CROSSING, PARAMS, SETTINGS, windows)
    monkeypatch.setattr(kernels.indicator_rows, "ROW_MEMORY", 320 * 8 * 5)  # five rows at a time
    cramped = evaluate_runs(SERIES, CROSSING, PARAMS[::-1], SETTINGS, windows)
    assert same_bits(cramped.metrics[::-1].copy(), batch.metrics)
    assert same_bits(cramped.block_sum[::-1].copy(), batch.block_sum)
    for k in range(0, 200, 23):
        alone = evaluate_runs(SERIES, CROSSING, PARAMS[k : k + 1], SETTINGS, windows)
        assert same_bits(alone.metrics[0], batch.metrics[k])
        assert same_bits(alone.block_sumsq[0], batch.block_sumsq[k])


def test_a_bar_that_a_strategy_does_not_write_holds():
    """And does not show what the configuration before has written there."""
    bars = {name: [10.0, 11, 12, 13] for name in ("open", "high", "low", "close")}
    bars["code"] = [2.0, 1, 2, 2]
    for engine in ("events", "scalar"):
        chosen = {"direction": "both", "engine": engine}
        got = evaluate(bars, SCRIPTED, {"factor": [-1, 0, 1, 0]}, chosen)
        assert got["trades"].tolist() == [1, 0, 1, 0]


def test_windows_alone_or_in_a_list():
    windows = [(0, 300), (0, 1), (64, 128), (299, 300), (17, 290), (0, 300)]
    together = evaluate_runs(SERIES, CROSSING, PARAMS[:20], SETTINGS, windows)
    for k, window in enumerate(windows):
        alone = evaluate_runs(SERIES, CROSSING, PARAMS[:20], SETTINGS, [window])
        assert same_bits(alone.metrics[:, 0], together.metrics[:, k].copy())
        assert same_bits(alone.block_sum[:, 0], together.block_sum[:, k].copy())


def test_a_window_starts_flat_and_sees_no_earlier_code():
    """The code 1 of bar 0 is not in force in a window that starts at bar 1."""
    bars = {name: [10.0, 11, 12, 13] for name in ("open", "high", "low", "close")}
    bars["code"] = [1.0, 2, 2, 2]
    got = evaluate(bars, SCRIPTED, windows=[(0, 4), (1, 4)])
    assert got["trades"].tolist() == [[1, 0]]


def test_indicators_see_the_bars_before_a_window():
    """The mean of five closes is known at the window's first bar, whose code fills at the next."""
    n = 12
    bars = {name: np.arange(1.0, n + 1) for name in ("open", "high", "low", "close")}
    t = trace(prepare(bars), CROSSING, np.array([1.0, 5, 0]), Settings(), (6, n))
    assert t.trades["entry_bar"].tolist() == [7]


@pytest.mark.parametrize("seed", range(8))
def test_a_trace_has_the_metrics_of_the_evaluation(seed):
    settings = any_settings(np.random.default_rng(seed))
    runs = evaluate_runs(SERIES, CROSSING, PARAMS[:9], settings, [(20, 280)])
    for k in range(9):
        got = trace(SERIES, CROSSING, PARAMS[k], settings, (20, 280))
        assert same_bits(got.metrics, runs.metrics[k, 0])
        assert got.trades.size == got.metrics[METRICS.index("trades")]
        assert got.equity[-1] == got.metrics[METRICS.index("final_equity")]


@pytest.mark.parametrize("stop", [1, 2, 40, 64, 65, 300])
def test_block_sums_add_up(stop):
    runs = evaluate_runs(SERIES, CROSSING, PARAMS[:30], SETTINGS, [(0, stop)])
    for k in range(30):
        equity = trace(SERIES, CROSSING, PARAMS[k], SETTINGS, (0, stop)).equity
        r = np.diff(equity, prepend=10_000.0) / np.r_[10_000.0, equity[:-1]]
        edges = block_edges(stop)
        sums = [r[a:b].sum() for a, b in pairwise(edges)]
        np.testing.assert_allclose(runs.block_sum[k, 0], sums, rtol=1e-6, atol=1e-9)
        assert runs.block_sum[k, 0].sum() == pytest.approx(r.sum(), abs=1e-6)
        assert runs.block_sumsq[k, 0].sum() == pytest.approx((r * r).sum(), rel=1e-5, abs=1e-12)
    assert runs.block_sum.shape == (30, 1, BLOCKS)
    assert runs.block_sum.dtype == np.float32


def test_settings_may_differ_by_configuration():
    losses = np.array([0.01, np.nan, 0.1])
    batch = evaluate(SERIES, CROSSING, {"fast": 3}, {"stop_loss": losses, "commission": 0.001})
    for k, loss in enumerate([0.01, None, 0.1]):
        alone = evaluate(SERIES, CROSSING, {"fast": 3}, {"stop_loss": loss, "commission": 0.001})
        assert all(same_bits(alone[m], batch[m][k : k + 1]) for m in METRICS)


def test_numbers_defaults_and_no_configuration():
    assert evaluate(SERIES, CROSSING)["sharpe"].shape == (1,)
    assert evaluate(SERIES, CROSSING, {"fast": np.array([], float)})["sharpe"].shape == (0,)
    default, written = (
        evaluate(SERIES, CROSSING),
        evaluate(SERIES, CROSSING, {"fast": 2, "slow": 5}),
    )
    assert all(same_bits(default[m], written[m]) for m in METRICS)


def test_read_only_and_pickled_series_are_the_same():
    """Ray hands arrays over read-only; pickle loses the flag."""
    again = pickle.loads(pickle.dumps((SERIES, CROSSING)))  # our own bytes
    before = evaluate(SERIES, CROSSING)
    after = evaluate(*again)
    assert all(same_bits(before[m], after[m]) for m in METRICS)
    frozen = PARAMS[:5].copy()
    frozen.flags.writeable = False
    evaluate_runs(again[0], again[1], frozen, SETTINGS, [(0, 300)])


def test_memory_is_bounded_with_thousands_of_unique_rows():
    """10,000 rows of 5,000 bars would be 400 MB at once."""
    bars = walk(5_000)
    series = prepare(bars)
    scale = np.linspace(0.5, 2.0, 10_000)
    tracemalloc.start()
    try:
        got = evaluate(series, SCRIPTED, {"scale": scale})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 60e6
    assert np.unique(got["final_equity"]).size == 1


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"fats": 3}, r"crossing: no param is called 'fats'; did you mean fast\?"),
        ({"fast": 2.5}, r"params\.fast must be an integer, got 2\.5"),
        ({"fast": [3, 0]}, r"params\.fast must be at least 1, got 0 \(configuration 1\)"),
        ({"slow": 401}, r"params\.slow must be at most 400, got 401"),
        ({"band": np.nan}, r"params\.band must be a finite number, got nan"),
        ({"fast": "a"}, r"params\.fast: need a number or \(n,\) numbers, got 'a'"),
        ({"fast": [1, 2], "slow": [3, 4, 5]}, r"params\.slow: need one value or 2"),
    ],
)
def test_bad_params_are_named(params, message):
    with pytest.raises(ValueError, match=message):
        evaluate(SERIES, CROSSING, params)


@pytest.mark.parametrize("window", [(0, 301), (-1, 5), (5, 5), (9, 3)])
def test_bad_windows_are_named(window):
    with pytest.raises(ValueError, match=r"window .*need 0 <= start < stop <= bars, bars=300"):
        evaluate(SERIES, CROSSING, windows=[window])


@pytest.mark.parametrize("windows", [[], [(0.5, 3.0)], [(1, 2, 3)], (0, 300)])
def test_bad_window_lists_are_named(windows):
    with pytest.raises(ValueError, match="windows: need one or more"):
        evaluate(SERIES, CROSSING, windows=windows)


def test_missing_feature_column_is_named():
    bars = {name: [1.0, 2.0] for name in ("open", "high", "low", "close")}
    with pytest.raises(ValueError, match=r"scripted: needs bars\.code, got open, high, low, close"):
        evaluate(bars, SCRIPTED)


def test_params_of_the_wrong_shape_are_named():
    with pytest.raises(ValueError, match=r"params must be \(n, 3\), got \(5, 2\)"):
        evaluate_runs(SERIES, CROSSING, np.ones((5, 2)), SETTINGS, [(0, 300)])


def test_paths_of_many_are_those_of_their_traces(monkeypatch):
    monkeypatch.setattr(kernels.indicator_rows, "ROW_MEMORY", 320 * 8 * 5)  # five rows at a time
    stops = np.array([0.02, np.nan, 0.05, 0.01] * 3)
    own, window = PARAMS[: stops.size], (50, 250)
    settings = Settings(direction="both", stop_loss=stops)
    paths = equity_paths(SERIES, CROSSING, own, settings, window)
    for k, stop in enumerate(stops.tolist()):
        single = Settings(direction="both", stop_loss=None if np.isnan(stop) else stop)
        assert same_bits(paths[k], trace(SERIES, CROSSING, own[k], single, window).equity)
    assert len({path.tobytes() for path in paths}) > 6
