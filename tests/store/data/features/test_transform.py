"""Transformations by hand, against pandas, and without a look at later bars."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.data.features import transform
from store.data.features.transform import logarithm, zscore

NAN = np.nan


def test_logarithm():
    found = logarithm(np.array([1.0, np.e, 0.0, -1.0, NAN]))
    np.testing.assert_allclose(found, [0, 1, NAN, NAN, NAN])


def test_zscore_by_hand():
    """Of 1 2 3: mean 2, deviation 1. Of 2 3 3: mean 8/3, deviation sqrt(1/3)."""
    found = zscore(np.array([1.0, 2, 3, 3, 3]), 3)
    np.testing.assert_allclose(found, [NAN, NAN, 1, (1 / 3) / np.sqrt(1 / 3), NAN])


def test_unknown_values_are_left_out():
    found = zscore(np.array([1.0, NAN, 3, NAN, NAN, 5]), 3)
    np.testing.assert_allclose(found, [NAN, NAN, 1 / np.sqrt(2), NAN, NAN, NAN])


@given(
    seed=st.integers(0, 10**6), window=st.integers(2, 30), level=st.sampled_from([0.0, 6e4, 1e8])
)
def test_as_pandas(seed, window, level):
    rng = np.random.default_rng(seed)
    values = level + rng.standard_normal(80)
    rolling = pd.Series(values - level).rolling(window)
    expected = (values - level - rolling.mean()) / rolling.std()
    np.testing.assert_allclose(zscore(values, window), expected, atol=1e-6)


@pytest.mark.parametrize("count", [0, 1, 5, 9])
def test_fewer_bars_than_the_window(count):
    assert np.isnan(zscore(np.arange(count, dtype=float), 10)).all()


def test_later_bars_and_chunks_move_nothing(monkeypatch):
    values = 6e4 + np.random.default_rng(1).standard_normal(200)
    whole = zscore(values, 20)
    for count in (20, 21, 57, 199):
        np.testing.assert_array_equal(zscore(values[:count], 20), whole[:count])
    shocked = values.copy()
    shocked[120] *= 2
    np.testing.assert_array_equal(zscore(shocked, 20)[:120], whole[:120])
    monkeypatch.setattr(transform, "CHUNK", 100)
    np.testing.assert_array_equal(zscore(values, 20), whole)
