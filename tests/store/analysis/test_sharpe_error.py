"""How far test falls below train by chance: against formula and simulation."""

import numpy as np
import pytest

from store.analysis.sharpe_error import gap_error


def test_two_windows_apart():
    expected = np.sqrt(252 * (1 / 1_000 + 1 / 500))
    assert gap_error([(0, 1_000)], [(1_000, 1_500)], 252) == pytest.approx(expected)


def test_the_same_window_twice_has_no_gap():
    assert gap_error([(10, 90)], [(10, 90)], 252) == 0


def test_a_walk_forward_against_simulation():
    train = [(0, 200), (100, 300), (200, 400)]
    test = [(200, 300), (300, 400), (400, 500)]
    rng = np.random.default_rng(8)
    returns = rng.normal(size=(20_000, 500))
    mean = {
        name: np.mean([returns[:, a:b].mean(axis=1) for a, b in spans], axis=0)
        for name, spans in (("train", train), ("test", test))
    }
    spread = (mean["train"] - mean["test"]).std() * np.sqrt(252)
    assert gap_error(train, test, 252) == pytest.approx(spread, rel=0.02)
