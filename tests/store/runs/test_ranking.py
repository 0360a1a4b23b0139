"""Configurations with several windows: who is whose run, and who is best."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.analysis.expected_max_sharpe import effective_bars
from store.query.results import Results
from store.records.group import is_test
from store.records.run_numbering import Layout
from store.runs.compaction import compact
from store.runs.ranking import configuration_scores
from tests.store.made_runs import add_blocks, finish, group_of, new_experiment, run_table

ROLES = ("train_1", "test_1", "train_2", "test_2")
WINDOWS = [{"role": role, "start": 10 * k, "stop": 10 * k + 20} for k, role in enumerate(ROLES)]
TWO = [
    group_of(first_run=0, windows=[{"role": "dev"}]),
    group_of(first_run=5, windows=[{"role": role} for role in ("train", "test", "other")]),
]
SCORES = {  # by point: the sharpe on train_1, test_1, train_2, test_2
    0: (0.5, 9.0, 0.5, 9.0),
    1: (1.0, -1.0, 0.2, -2.0),
    2: (2.0, 0.0, -1.5, 0.5),
    3: (0.6, 0.1, 0.6, 0.3),
    4: (9.0, 1.0, math.nan, 1.0),
}


def test_run_numbers_by_hand():
    layout, runs = Layout.of(TWO), np.array([0, 4, 5, 6, 7, 8, 10])
    assert layout.group(runs).tolist() == [0, 0, 1, 1, 1, 1, 1]
    assert layout.window(runs).tolist() == [0, 0, 0, 1, 2, 0, 2]
    assert layout.configuration(runs).tolist() == [0, 4, 5, 5, 5, 8, 8]
    assert layout.trains(runs).tolist() == [True, True, True, False, True, True, True]
    assert layout.first_trains(runs).tolist() == [True, True, True, False, False, True, False]
    assert layout.n_trains(runs).tolist() == [1, 1, 2, 2, 2, 2, 2]
    assert not layout.single


def test_roles():
    assert [is_test(role) for role in ("test", "test_12", "dev", "train", "testament")] == [
        *(True, True, False, False, False)
    ]
    assert group_of(windows=WINDOWS).train_spans == [(0, 20), (20, 40)]


def test_without_groups_each_run_is_its_own_configuration():
    layout, runs = Layout.of([]), np.arange(4)
    assert layout.single
    assert layout.configuration(runs).tolist() == [0, 1, 2, 3]
    scores = np.array([1.0, math.nan, 3.0, 2.0])
    assert configuration_scores(layout, runs, scores) is scores


def test_the_score_is_the_mean_over_train_windows():
    layout = Layout.of([group_of(windows=WINDOWS)])
    rows = [(4 * point + k, s) for point, row in SCORES.items() for k, s in enumerate(row)]
    rows = [row for row in rows if row[0] != 4 * 3 + 2]  # a train window that is missing
    runs, scores = (np.array(column) for column in zip(*rows[::-1], strict=True))
    found = dict(zip(runs.tolist(), configuration_scores(layout, runs, scores), strict=True))
    assert [found[4 * point] for point in (0, 1, 2)] == [0.5, 0.6, 0.25]
    assert all(math.isnan(found[run]) for run in (12, 13, 15, 16, 17, 18, 19))
    assert found[5] == found[7] == 0.6, "a test run goes with its configuration"
    infinite = configuration_scores(layout, np.arange(4), np.array([np.inf, 0, -np.inf, 0]))
    assert np.isnan(infinite).all()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Five configurations on two folds, in two blocks, compacted."""
    root = tmp_path_factory.mktemp("store")
    group = {"strategy": "sma", "symbol": "NASDAQ", "first_run": 0, "points": 5, "runs": 20}
    settings = {"settings": {"periods_per_year": 252.0}}
    experiment = new_experiment(root, groups=[{**group, **settings, "windows": WINDOWS}])
    table = run_table(experiment.id, 0, 20, window=[*ROLES] * 5, symbol="NASDAQ")
    values = {
        "sharpe": [value for row in SCORES.values() for value in row],
        "baseline": [run < 4 for run in range(20)],
    }
    for name, column in values.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(column))
    add_blocks(root, experiment, [table.slice(0, 10), table.slice(10)])
    finish(root, compact(root, experiment.id), status="done")
    return root


def test_best_is_the_first_train_run_of_each_configuration(root):
    results = Results(root)
    assert results.best()["run"].to_pylist() == [4, 12, 0, 8]
    assert results.best(n=1)["run"].to_pylist() == [4]
    assert results.best(baseline=True)["run"].to_pylist() == [0]
    assert results.resolve("latest/best").run == 4


def test_standings_hold_the_means_of_train_and_of_test(root):
    rows = Results(root).standings()
    assert [row["run"] for row in rows] == [4, 12, 0, 8]
    found = [(row["metrics"]["sharpe"], row["metrics"]["test_sharpe"]) for row in rows]
    assert found == [(0.6, -1.5), (0.6, 0.2), (0.5, 9.0), (0.25, 0.25)]
    every = {row["run"]: row for row in Results(root).runs().to_pylist()}
    for name, value in rows[0]["metrics"].items():
        runs = (5, 7) if name.startswith("test_") else (4, 6)
        expected = sum(every[run][name.removeprefix("test_")] for run in runs) / 2
        assert value == pytest.approx(expected, rel=1e-15), name


def test_a_test_window_is_in_no_top_unless_asked_for(root):
    results = Results(root)
    assert results.top("sharpe", 20)["run"].to_pylist() == [16, 8, 4, 12, 14, 0, 2, 6, 10]
    assert results.top("sharpe", 2, window="test_1")["run"].to_pylist() == [1, 17]


def test_infinite_values_are_told_apart_by_what_was_earned(tmp_path):
    """Four without a loss come after the two with one, by total return, then by run."""
    experiment = new_experiment(tmp_path, groups=[])
    table = run_table(experiment.id, 0, 6)
    columns = {
        "profit_factor": [np.inf, 1.2, np.inf, np.inf, 2.5, np.inf],
        "total_return": [0.01, 0.3, 0.9, 0.4, 0.1, 0.4],
    }
    for name, column in columns.items():
        place = table.schema.get_field_index(name)
        table = table.set_column(place, table.schema.field(name), pa.array(column))
    add_blocks(tmp_path, experiment, [table])
    found = Results(tmp_path).top("profit_factor", 10)["run"].to_pylist()
    assert found == [4, 1, 2, 3, 5, 0]
    assert Results(tmp_path).top("profit_factor", 4)["run"].to_pylist() == found[:4]


def test_a_compacted_file_keeps_configurations_together(root):
    assert Results(root).runs()["run"].to_pylist() == [
        *(4, 5, 6, 7, 12, 13, 14, 15, 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19)
    ]


def test_the_summary_counts_configurations(root):
    found = Results(root).summary()
    assert found["metrics"]["sharpe"] == {
        "runs": 4,
        "min": 0.25,
        "q25": pytest.approx(0.4375),
        "median": pytest.approx(0.55),
        "q75": pytest.approx(0.6),
        "max": pytest.approx(0.6),
    }
    assert [group["window"] for group in found["groups"]] == sorted(ROLES)
    assert found["best"]["metrics"]["sharpe"] == 0.6
    assert [row["run"] for row in found["baseline"]] == [0]


@pytest.mark.parametrize(
    ("windows", "bars"),
    [
        ([(0, 100)], 100),
        ([(7, 107), (107, 207)], 200),
        ([(0, 100), (0, 100)], 100),
        ([(0, 2), (1, 3)], 3),  # weights 1/4, 1/2, 1/4: 1 / (3/8)
    ],
)
def test_bars_that_a_mean_of_sharpe_ratios_rests_on(windows, bars):
    assert effective_bars(windows) == bars


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 30)), min_size=1, max_size=5))
def test_effective_bars_are_those_of_the_weights(given_windows):
    windows = [(start, start + length) for start, length in given_windows]
    weights = np.zeros(61)
    for start, stop in windows:
        weights[start:stop] += 1 / (stop - start) / len(windows)
    assert abs(effective_bars(windows) - 1 / (weights**2).sum()) < 0.5 + 1e-9
