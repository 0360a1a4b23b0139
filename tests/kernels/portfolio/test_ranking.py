"""The weighted score: transforms, weights, threshold, confidence, and a score of one's own."""

import numpy as np
import pytest

from kernels.indicators.cross_section import AT_BARS, TRANSFORMS
from kernels.portfolio.evaluate import trace_panel
from kernels.portfolio.lookahead import find_panel_cheat
from kernels.portfolio.panel import prepare_panel
from kernels.portfolio.settings import PanelSettings
from kernels.registry import load
from tests.kernels.portfolio.panels import frames, random_panel

SETTINGS = PanelSettings(cadence=10, periods_per_year=252.0)
nan = np.nan


def scores(strategy, row, a, b, n_bars=40):
    """Scores at the first rebalance with features that stand still."""
    opened, close = random_panel(2, len(a), n_bars, whole=True)
    columns = {"a": np.tile(a, (n_bars, 1)).T, "b": np.tile(b, (n_bars, 1)).T}
    panel = prepare_panel(frames(opened, close, **columns))
    return trace_panel(panel, load(strategy), row, SETTINGS, (0, n_bars))


def test_a_score_is_the_weighted_sum_of_the_transformed_features():
    a, b = np.array([1.0, 2.0, 4.0]), np.array([3.0, 1.0, 1.0])
    traced = scores("ranking(a=zscore,b=rank)", [1, -1e9, 1, 2.0, 0.5], a, b)
    zscores = (a - a.mean()) / a.std()
    np.testing.assert_allclose(traced.scores[0], 2 * zscores + 0.5 * np.array([1, 0.25, 0.25]))
    logs = TRANSFORMS["log"](np.array([[1.0], [0.0], [np.e]]))[:, 0]
    np.testing.assert_array_equal(logs, [0.0, nan, 1.0])


def test_threshold_and_confidence_leave_symbols_out():
    a, b = np.array([1.0, 2.0, nan]), np.array([1.0, nan, 3.0])
    strict = scores("ranking(a,b)", [1, -1e9, 1.0, 0.6, 0.4], a, b)
    np.testing.assert_array_equal(strict.scores[0], [1.0, nan, nan])
    loose = scores("ranking(a,b)", [2, 1.1, 0.5, 0.6, 0.4], a, b)
    np.testing.assert_allclose(loose.scores[0], [1.0, 1.2, nan])
    assert (loose.shares[0] != 0).tolist() == [False, True, False]  # the threshold is 1.1


@pytest.mark.parametrize("variant", ["", "a=zscores", "1a"])
def test_features_that_are_none_are_refused(variant):
    with pytest.raises(ValueError, match=r"strategy ranking: "):
        load(f"ranking({variant})")


OWN = '''
"""The gain of the next bars."""
from typing import NamedTuple
import numpy as np
from numba import njit
from kernels.strategy import Row

class Params(NamedTuple):
    """Symbols held."""
    k: int = 2

@njit
def move(close):
    out = np.full(close.size, np.nan)
    for t in range(1, close.size - AHEAD):
        out[t] = close[t + AHEAD] / close[t] - close[t] / close[t - 1]
    return out

ROWS = (Row(move, "close"),)

@njit
def score(features, rows, params, out):
    for i in range(out.size):
        out[i] = features[rows[0], i]
'''


@pytest.mark.parametrize("ahead", [0, 1])
def test_a_score_file_of_ones_own_is_found_and_may_not_look_ahead(ahead, tmp_path, monkeypatch):
    (tmp_path / f"own_score_{ahead}.py").write_text(OWN.replace("AHEAD", str(ahead)))
    monkeypatch.syspath_prepend(tmp_path)
    panel = prepare_panel(frames(*random_panel(4, 5, 80, whole=True)))
    strategy = load(f"own_score_{ahead}")
    assert strategy.contract == "score"
    cheat = find_panel_cheat(strategy, np.array([[2.0]]), panel)
    assert (cheat is not None) == bool(ahead)


def test_rows_of_the_bars_asked_for_are_those_of_all_bars():
    opened, close = random_panel(4, 7, 90)
    panel = prepare_panel(frames(opened, close, a=close * 2.0))
    every, some = np.arange(90), np.array([3, 40, 41, 89])
    for name, row in (("momentum_rank", [10, 2]), ("reversal", [5, 0]), ("low_volatility", [6])):
        function = load(name).rows[0].function
        whole = function(every, panel.by_time("close"), *row)
        np.testing.assert_array_equal(function(some, panel.by_time("close"), *row), whole[some])
    for name, transform in TRANSFORMS.items():
        chosen = AT_BARS[name](some, panel.by_time("a"))
        np.testing.assert_array_equal(chosen, transform(panel.values("a"))[:, some].T)


def test_a_volatility_is_that_of_the_last_returns():
    close = random_panel(8, 5, 60, whole=True)[1]
    returns = close[:, 1:] / close[:, :-1] - 1.0
    row = (
        load("low_volatility")
        .rows[0]
        .function(np.array([4, 5, 59]), np.ascontiguousarray(close.T), 5)
    )
    assert np.isnan(row[0]).all()
    np.testing.assert_allclose(row[1], returns[:, :5].std(axis=1, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(row[2], returns[:, -5:].std(axis=1, ddof=1), rtol=1e-12)
