"""Weights that add to 1: listed in steps, drawn without, refused where there are none."""

import itertools

import numpy as np
import pytest

from sweeper.config.overrides import readable
from sweeper.space.simplex import drawn, listed


def test_every_division_in_steps_is_there_once():
    rows = listed(3, 0.0, 1.0, 0.1)
    expected = [
        (a / 10, b / 10, (10 - a - b) / 10) for a, b in itertools.product(range(11), repeat=2)
        if a + b <= 10
    ]  # fmt: skip
    assert rows.tolist() == [list(row) for row in expected]


def test_bounds_leave_out_what_lies_beyond():
    rows = listed(3, 0.2, 0.5, 0.1)
    assert sorted(map(tuple, rows.tolist())) == sorted(
        {p for c in ((0.2, 0.3, 0.5), (0.2, 0.4, 0.4), (0.3, 0.3, 0.4)) for p in
         itertools.permutations(c)}
    )  # fmt: skip


def test_draws_are_even_add_to_one_and_continue_fewer():
    rows = drawn(3, 4000, 7, 0.0, 1.0)
    np.testing.assert_allclose(rows.sum(axis=1), 1.0, rtol=1e-14)
    np.testing.assert_allclose(rows.mean(axis=0), 1 / 3, atol=0.02)
    np.testing.assert_allclose(rows.var(axis=0), 1 / 18, atol=0.005)  # of a flat Dirichlet
    assert (drawn(3, 100, 7, 0.0, 1.0) == rows[:100]).all()
    assert drawn(3, 500, 7, 0.1, 0.6).max() <= 0.6


def test_a_call_becomes_a_choice_that_hydra_reads():
    word = readable("params.weights.a,params.weights.b=simplex(0,1,0.25)")
    assert word == (
        "+simplex.params_weights_a_params_weights_b="
        "choice({over:[params.weights.a,params.weights.b],low:0,high:1,step:0.25})"
    )
    assert readable(word) == word


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("simplex(0)", r"write simplex\(low,high,step\)"),
        ("simplex(0,2,0.1)", "needs 0 <= low < high <= 1"),
        ("simplex(0,1,x)", "takes numbers"),
        ("simplex(0,1,-1)", r"needs a step in \(0, 1\]"),
    ],
)
def test_what_is_no_simplex_is_refused(value, message):
    with pytest.raises(ValueError, match=message):
        readable(f"params.shares={value}")


def test_steps_that_never_add_to_one_are_refused():
    with pytest.raises(ValueError, match="no 3 such weights add to 1"):
        listed(3, 0.0, 1.0, 0.3)
    with pytest.raises(ValueError, match="no 3 such weights add to 1"):
        listed(3, 0.0, 0.3, 0.1)
    with pytest.raises(ValueError, match="more than"):
        listed(10, 0.0, 1.0, 0.02)
