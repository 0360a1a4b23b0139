"""The simulated cluster: shares of its servers as arithmetic has them, before and past the end."""

import pytest

from benchmarks.sweeps.simulated_cluster import Measured, simulate

BLOCK = 0.3
"""Seconds: 25,000 runs of 12 us."""


def test_far_from_the_end_shares_are_rates_times_costs():
    found = simulate(16, Measured(block=1e-3, result=1e-3, file=1e-3))
    assert found["ratio"] == pytest.approx(1, abs=0.03)
    assert found["dispatcher"] == pytest.approx(16 / BLOCK * 1e-3, rel=0.03)
    assert found["driver"] == pytest.approx(16 / (4 * BLOCK) * 1e-3, rel=0.1)  # a step: 4 blocks
    assert found["open"] == pytest.approx(16 * 20 / BLOCK * 1e-3, rel=0.03)


def test_past_the_end_the_dispatcher_is_busy_all_the_time():
    found = simulate(64, Measured(block=BLOCK / 16))
    assert found["dispatcher"] == pytest.approx(1, abs=0.03)
    assert found["ratio"] == pytest.approx(64 / 16, rel=0.05)
