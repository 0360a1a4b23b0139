import dataclasses
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from numba import njit

import kernels.indicator_rows
from kernels.indicator_rows import Table, kept_rows, padded, plan_rows
from kernels.registry import load
from kernels.series.bars import prepare
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


@pytest.mark.parametrize("room", [4, 10, 100])
def test_groups_hold_every_configuration_once_and_few_rows(room):
    plan = plan_rows(CROSSING, grid(500, 200))
    members = []
    for group in plan.groups(room):
        assert np.unique(plan.index[group]).size <= room
        members.extend(group)
    assert sorted(members) == list(range(500))


@pytest.mark.parametrize("rows", [1, 30, 10_000])
def test_a_table_has_the_rows_of_each_group(monkeypatch, rows):
    monkeypatch.setattr(kernels.indicator_rows, "ROW_MEMORY", rows * 8 * 128)
    series = prepare(walk(70))
    plan = plan_rows(CROSSING, grid(200, 60))
    table = Table(plan, series, CROSSING)
    assert table.room == max(rows, 16)  # a strategy of two rows may always have sixteen
    for group in plan.groups(table.room):
        places = table.fetch(group)
        for at, call in zip(places.ravel(), plan.index[group].ravel(), strict=True):
            expected = mean(series.column("close"), plan.calls[call][1][1])
            np.testing.assert_array_equal(table.values[at, :70], expected)
    assert table.values.shape[1] == padded(70) == 128
    assert np.isnan(table.values[:, 70:]).all()


def test_rows_that_two_groups_need_are_computed_once():
    computed = []

    def noted(x, length):
        computed.append(length)
        return mean(x, length)

    rows = (Row(noted, "close", "fast"), Row(noted, "close", "slow"))
    strategy = dataclasses.replace(CROSSING, rows=rows)
    fast, slow = np.meshgrid(np.arange(1, 11), np.arange(50, 90))
    plan = plan_rows(strategy, np.column_stack([fast.ravel(), slow.ravel(), 0 * fast.ravel()]))
    table = Table(plan, prepare(walk(100)), strategy)
    for group in plan.groups(room=16):
        table.fetch(group)
    assert sorted(computed) == [*range(1, 11), *range(50, 90)]


def test_constants_and_fields_keep_their_types():
    rows = (Row(mean, "close", 7), Row(mean, "high", "fast"))
    plan = plan_rows(dataclasses.replace(CROSSING, rows=rows), np.array([[2.0, 3.0, 0.0]]))
    assert [arguments for _, arguments in plan.calls] == [("close", 7), ("high", 2)]
    assert all(type(arguments[1]) is int for _, arguments in plan.calls)


def test_a_strategy_without_rows_is_one_group():
    plan = plan_rows(dataclasses.replace(CROSSING, rows=()), grid(5, 9))
    assert [members.tolist() for members in plan.groups(10)] == [[0, 1, 2, 3, 4]]


@njit
def short(x):
    return x[1:].copy()


def test_an_indicator_of_the_wrong_length_is_named():
    strategy = dataclasses.replace(CROSSING, rows=(Row(short, "close"),))
    plan = plan_rows(strategy, grid(1, 9))
    with pytest.raises(
        ValueError, match=r"row short\('close',\) must be \(70,\) float64, got \(69"
    ):
        Table(plan, prepare(walk(70)), strategy).fetch(np.array([0]))


def test_rows_are_kept_for_the_next_batch_of_the_same_series(monkeypatch):
    monkeypatch.setattr(kernels.indicator_rows, "KEPT_MEMORY", 20 * 8 * 128)
    series, other = prepare(walk(70)), prepare(walk(71))
    computed = []
    compute = Table._compute
    monkeypatch.setattr(Table, "_compute", lambda t, n: computed.append(n) or compute(t, n))

    def fetched(series, params):
        plan = plan_rows(CROSSING, np.array(params, float))
        table = Table(plan, series, CROSSING, kept_rows(series, 2))
        places = table.fetch(np.arange(len(params)))
        for at, call in zip(places.ravel(), plan.index.ravel(), strict=True):
            expected = mean(series.column("close"), plan.calls[call][1][1])
            np.testing.assert_array_equal(table.values[at, : series.n_bars], expected)
            assert np.isnan(table.values[at, series.n_bars :]).all()
        made, computed[:] = len(computed), []
        return made

    assert [fetched(series, [[2, 5, 0], [3, 5, 0]]) for _ in range(2)] == [3, 0]
    assert fetched(series, [[3, 4, 0]]) == 1
    assert fetched(series, [[n, n + 20, 0] for n in range(3, 13)]) == 17  # 20 places: 2 goes
    assert fetched(series, [[2, 3, 0]]) == 1
    assert fetched(other, [[2, 5, 0]]) == 2
    assert fetched(series, [[2, 5, 0]]) == 2


def test_each_thread_keeps_rows_of_its_own():
    series = prepare(walk(70))
    mine = kept_rows(series, 2)
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(kept_rows, series, 2).result() is not mine
    assert kept_rows(series, 2) is mine
