"""Metrics by regime: labels that were known before, figures by hand."""

import numpy as np
import pandas as pd
import pytest

from store.analysis.regimes import by_regime, labels_of, standard_error
from store.errors import UnknownReference

TIMES = pd.bdate_range("2020-01-01", periods=400)


def test_a_label_was_known_at_the_close_before():
    close = pd.Series(np.r_[np.full(250, 100.0), np.full(150, 120.0)], TIMES)
    labels = labels_of(pd.DataFrame({"close": close}), "trend")
    assert labels.iloc[:200].eq("").all()
    assert labels.iloc[200:251].eq("down").all()  # bar 250 rises, known only after it
    assert labels.iloc[251:].eq("up").all()


def test_terciles_are_those_of_what_was_seen_so_far():
    rng = np.random.default_rng(0)
    close = pd.Series(100 * np.exp(np.cumsum(rng.normal(0, 0.01, 400))), TIMES)
    frame = pd.DataFrame({"close": close})
    whole, part = labels_of(frame, "volatility"), labels_of(frame.iloc[:300], "volatility")
    pd.testing.assert_series_equal(whole.iloc[:300], part)
    deviation = close.pct_change().rolling(21).std()
    seen = deviation.iloc[:299].dropna()
    expected = "low" if deviation.iloc[298] <= seen.quantile(1 / 3) else "other"
    assert (whole.iloc[299] == "low") == (expected == "low")


def test_figures_of_a_regime_by_hand():
    equity = pd.Series([110.0, 99.0, 99.0, 108.9])
    labels = pd.Series(["a", "b", "", "a"])
    a, b, unknown = by_regime(equity, labels, 100.0, 10.0)
    assert (a["regime"], a["bars"], a["share"]) == ("a", 2, 0.5)
    assert a["total_return"] == pytest.approx(0.21)
    assert a["annual_return"] == pytest.approx(1.0)
    assert (b["max_drawdown"], b["win_rate"], b["volatility"]) == (pytest.approx(0.1), 0.0, None)
    assert (unknown["regime"], unknown["sharpe"], unknown["win_rate"]) == ("unknown", 0.0, None)


def test_the_error_of_a_mean_counts_what_hangs_together():
    returns = np.repeat(np.random.default_rng(1).normal(0, 1, 100), 4)
    plain = returns.std() / 20
    assert standard_error(returns) > 1.5 * plain


def test_a_column_is_a_regime_if_it_has_few_values():
    frame = pd.DataFrame({"close": 1.0, "phase": [1.0, 2.0, np.nan, 1.0]}, TIMES[:4])
    assert labels_of(frame, "phase").tolist() == ["", "1", "2", ""]
    with pytest.raises(UnknownReference, match=r"phases: is no regime; choose trend, volatility"):
        labels_of(frame, "phases")
