"""Effective number of configurations: known spectra, and the whole matrix of correlations."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from promote.statistics import effective_number, effective_trials, scaled_number, variance_across
from tests.promote import slow_statistics as slow

BARS = np.full(64, 10)


def noise(n, seed=1, blocks=64):
    return np.random.default_rng(seed).standard_normal((blocks, n))


def orthogonal(k):
    """(64, k) columns with mean 0 that are uncorrelated exactly: cosines."""
    return np.cos(np.pi * (np.arange(64)[:, None] + 0.5) * np.arange(1, k + 1) / 64)


@pytest.mark.parametrize("k", [1, 2, 7, 63])
def test_uncorrelated_configurations_count_in_full(k):
    assert effective_number(orthogonal(k), BARS) == pytest.approx(k)


def test_copies_count_once():
    basis = orthogonal(3)
    copies = np.hstack([basis * scale + 5 for scale in (1, 2, -3, 0.1)])
    assert effective_number(copies, BARS) == pytest.approx(3)


def test_two_correlated_by_hand():
    """Correlation 0.6: eigenvalues 1.6 and 0.4, shares 0.8 and 0.2."""
    x, y = orthogonal(2).T
    pair = np.stack([x, 0.6 * x + 0.8 * y], axis=1)
    expected = np.exp(-(0.8 * np.log(0.8) + 0.2 * np.log(0.2)))
    assert effective_number(pair, BARS) == pytest.approx(expected)


@pytest.mark.parametrize("n", [1, 5, 64, 300])
def test_as_the_whole_matrix_says(n, monkeypatch):
    monkeypatch.setattr(effective_trials, "COLUMNS", 7)
    random = np.random.default_rng(n)
    table = random.standard_normal((20, 3)) @ random.standard_normal((3, n)) + noise(n, n, 20)
    bars = random.integers(5, 9, 20)
    assert effective_number(table, bars) == pytest.approx(slow.effective_number(table, bars))


def test_what_never_trades_is_left_out():
    table = noise(5)
    wider = np.hstack([table, np.zeros((64, 2)), np.full((64, 1), 0.1)])
    assert effective_number(wider, BARS) == pytest.approx(effective_number(table, BARS))
    with pytest.raises(ValueError, match="no configuration varies; nothing was traded"):
        effective_number(np.zeros((64, 5)), BARS)


@given(st.integers(0, 99), st.integers(1, 30), st.floats(1e-3, 1e3))
def test_it_lies_between_one_and_the_count(seed, n, unit):
    found = effective_number(noise(n, seed), BARS)
    assert 1 - 1e-9 <= found <= min(n, 63) + 1e-9
    assert effective_number(noise(n, seed) * unit, BARS) == pytest.approx(found)


def test_the_ledger_scales_it_up_and_never_down():
    assert scaled_number(12.0, tried=1000, ledger=2500) == 30
    assert scaled_number(12.0, tried=1000, ledger=1000) == 12
    assert scaled_number(12.0, tried=1000, ledger=0) == 12


def test_variance_across_has_a_floor():
    assert variance_across([0.1, 0.2, 0.3], 1001) == pytest.approx(0.01)
    assert variance_across([0.1, 0.1001], 1001) == 1 / 1000
    assert variance_across([0.1], 1001) == 1 / 1000


@pytest.mark.parametrize(
    ("function", "arguments", "message"),
    [
        (effective_number, (np.ones(64), BARS), r"block_sum: need shape \(3 or more blocks, N\)"),
        (effective_number, (np.ones((2, 5)), [1, 1]), "block_sum: need shape"),
        (effective_number, (np.full((64, 2), np.nan), BARS), "block_sum: must be finite"),
        (effective_number, (np.ones((64, 2)), BARS[1:]), "block_n: need 64"),
        (scaled_number, (np.nan, 1, 1), "effective: must be finite"),
        (scaled_number, (0.9, 1, 1), "effective: must be 1 or more"),
        (scaled_number, (2, 0, 1), "tried: must be 1 or more"),
        (scaled_number, (2, 1, -1), "ledger: must be 0 or more"),
        (variance_across, ([], 10), "sharpes: need one dimension of 1 or more"),
        (variance_across, ([0.1, np.nan], 10), "sharpes: must be finite"),
        (variance_across, ([0.1], 1), "n: must be 2 or more"),
    ],
)
def test_bad_input_is_refused(function, arguments, message):
    with pytest.raises(ValueError, match=message):
        function(*arguments)
