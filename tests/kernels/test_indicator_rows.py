import dataclasses

import numpy as np
import pytest
from numba import njit

import kernels.rows
from kernels.bars import prepare
from kernels.registry import load
from kernels.rows import compute, padded, plan_rows
from kernels.strategy import Row
from tests.kernels.crossing import mean
from tests.kernels.market import walk

CROSSING = load("tests.kernels.crossing")


def grid(n, highest):
    random = np.random.default_rng(n)
    table = np.column_stack([random.integers(1, highest, (n, 2)), np.zeros(n)])
    return table.astype(float)


def test_each_combination_is_computed_once():
    params = np.array([[2, 5, 0], [3, 5, 0], [2, 5, 0.1], [5, 2, 0]], float)
    plan = plan_rows(CROSSING, params)
    assert [arguments for _, arguments in plan.calls] == [
        ("close", 2),
        ("close", 3),
        ("close", 5),
    ]
    assert plan.index.tolist() == [[0, 2], [1, 2], [0, 2], [2, 0]]


@pytest.mark.parametrize("rows", [3, 10, 100])
def test_groups_hold_every_configuration_once_and_few_rows(monkeypatch, rows):
    monkeypatch.setattr(kernels.rows, "ROW_MEMORY", rows * 8 * 128)
    plan = plan_rows(CROSSING, grid(500, 200))
    members, most = [], max(rows, 16)  # a strategy of two rows may always have sixteen
    for group, needed in plan.groups(n_bars=100):
        assert needed.size <= most
        assert set(plan.index[group].ravel()) == set(needed)
        members.extend(group)
    assert sorted(members) == list(range(500))


def test_rows_are_padded_with_nan():
    series = prepare(walk(70))
    plan = plan_rows(CROSSING, np.array([[2.0, 3.0, 0.0]]))
    table = compute(plan, np.array([0, 1]), series, CROSSING)
    assert table.shape == (2, padded(70)) == (2, 128)
    assert np.isnan(table[:, 70:]).all()
    np.testing.assert_array_equal(table[0, :70], mean(series.column("close"), 2))


def test_constants_and_fields_keep_their_types():
    rows = (Row(mean, "close", 7), Row(mean, "high", "fast"))
    plan = plan_rows(dataclasses.replace(CROSSING, rows=rows), np.array([[2.0, 3.0, 0.0]]))
    assert [arguments for _, arguments in plan.calls] == [("close", 7), ("high", 2)]
    assert all(type(arguments[1]) is int for _, arguments in plan.calls)


def test_a_strategy_without_rows_is_one_group():
    plan = plan_rows(dataclasses.replace(CROSSING, rows=()), grid(5, 9))
    assert [(m.tolist(), k.tolist()) for m, k in plan.groups(10)] == [([0, 1, 2, 3, 4], [])]


@njit
def short(x):
    return x[1:].copy()


def test_an_indicator_of_the_wrong_length_is_named():
    strategy = dataclasses.replace(CROSSING, rows=(Row(short, "close"),))
    plan = plan_rows(strategy, grid(1, 9))
    with pytest.raises(
        ValueError, match=r"row short\('close',\) must be \(70,\) float64, got \(69"
    ):
        compute(plan, np.array([0]), prepare(walk(70)), strategy)
