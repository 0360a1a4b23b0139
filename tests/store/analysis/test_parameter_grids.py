"""From the rows of a store to families of configurations."""

import numpy as np
import pytest

import store.analysis.best_plateau as peaks_module
from store.analysis.best_plateau import judged
from store.analysis.parameter_grids import families
from tests.store.made_runs import new_experiment, run_table
from tests.store.reported import family, grid

NAN = float("nan")


def group(first, points, **changes):
    facts = {
        "strategy": "sma",
        "symbol": "NASDAQ",
        "direction": "long",
        "first_run": first,
        "points": points,
        "runs": points,
        "windows": [{"role": "dev", "start": 0, "stop": 4025}],
        "overrides": ["strategy=sma"],
    }
    return facts | changes


def test_a_family_is_a_group_without_its_baseline(tmp_path):
    groups = [group(10, 5, direction="both"), group(0, 10)]
    experiment = new_experiment(tmp_path, groups=groups)
    metric = [9, 1, 2, 8, NAN, 3, 4, 5, 6, 99, 0, 1, 2, 3, 30]
    status = ["done"] * 9 + ["pruned"] + ["done"] * 5
    table = run_table(experiment.id, n=15, sharpe=metric, status=status)
    first, second = families(table, experiment)
    assert [first.title, second.title] == ["sma · NASDAQ · both", "sma · NASDAQ · long"]
    assert first.runs.tolist() == [10, 11, 12, 13, 14]
    assert second.runs.tolist() == [1, 2, 3, 5, 6, 7, 8]  # 0 baseline, 4 NaN, 9 pruned
    assert (second.runs[second.best], second.best_value) == (3, 8.0)
    assert second.test is None
    assert list(second.axes) == ["fast", "slow"]
    assert second.params(0)["fast"] == table["params.fast"][1].as_py()


@pytest.mark.parametrize("recorded", [True, False, None])
def test_defaults_are_part_of_their_family_where_they_lie_in_the_space(tmp_path, recorded):
    told = {} if recorded is None else {"baseline_in_space": recorded}
    experiment = new_experiment(tmp_path, groups=[group(0, 4, **told)])
    numbers = {"params.fast": [10, 5, 10, 5], "params.slow": [50, 50, 60, 60]}
    (only,) = families(run_table(experiment.id, n=4, **numbers), experiment)
    assert only.runs.tolist() == ([1, 2, 3] if recorded is False else [0, 1, 2, 3])


def test_older_records_have_defaults_off_the_grid_where_a_value_is_theirs_alone(tmp_path):
    experiment = new_experiment(tmp_path, groups=[group(0, 4)])
    numbers = {"params.fast": [10, 5, 6, 5], "params.slow": [50, 50, 60, 60]}
    (only,) = families(run_table(experiment.id, n=4, **numbers), experiment)
    assert only.runs.tolist() == [1, 2, 3]


def test_lowest_can_be_best(tmp_path):
    search = {"kind": "grid", "metric": "max_drawdown", "mode": "min"}
    experiment = new_experiment(tmp_path, groups=[group(0, 4)], search=search)
    table = run_table(experiment.id, n=4, max_drawdown=[0.0, 0.3, 0.1, 0.1])
    (only,) = families(table, experiment)
    assert (only.runs[only.best], only.best_value, only.highest) == (2, -0.1, False)


def test_windows_become_their_mean_train_and_test_apart(tmp_path):
    roles = ("train_1", "test_1", "train_2", "test_2")
    windows = [{"role": role, "start": 0, "stop": 100} for role in roles]
    experiment = new_experiment(tmp_path, groups=[group(0, 3, windows=windows)])
    values = [*range(4), 1.0, 10.0, 3.0, 30.0, 2.0, NAN, 4.0, 5.0]
    table = run_table(experiment.id, n=12, sharpe=values, baseline=[False] * 12)
    (only,) = families(table, experiment)
    assert only.runs.tolist() == [0, 4, 8]
    assert only.metric.tolist() == [1.0, 2.0, 3.0]
    assert only.test[:2].tolist() == [2.0, 20.0]
    assert np.isnan(only.test[2])


def test_families_that_look_alike_say_what_tells_them_apart(tmp_path):
    groups = [
        group(0, 4, overrides=["strategy=sma", "fill=next_open"]),
        group(4, 4, overrides=["strategy=sma", "fill=same_close"]),
        group(8, 4, direction="both"),
    ]
    experiment = new_experiment(tmp_path, groups=groups)
    found = families(run_table(experiment.id, n=12, baseline=[False] * 12), experiment)
    assert {one.title for one in found} == {
        "sma · NASDAQ · long · fill=next_open",
        "sma · NASDAQ · long · fill=same_close",
        "sma · NASDAQ · both",
    }


def test_of_many_scattered_runs_a_part_is_judged_and_the_best_is_in_it(monkeypatch):
    monkeypatch.setattr(peaks_module, "MOST_SCATTERED", 50)
    rng = np.random.default_rng(6)
    metric = rng.normal(size=1_000)
    scattered = family({"a": rng.random(1_000), "b": rng.random(1_000)}, metric)
    part, found = judged(scattered)
    assert 50 <= part.runs.size <= 51
    assert part.metric[part.best] == metric.max()
    assert found.median.size == part.runs.size
    whole, _ = judged(family(grid(a=range(10), b=range(10)), rng.normal(size=100)))
    assert whole.runs.size == 100


@pytest.mark.parametrize("highest", [True, False])
def test_of_equals_the_lowest_run_is_best(highest):
    one = family({"a": [3, 1, 2]}, [0.5, 0.5, 0.5], highest=highest)
    assert one.take(np.array([2, 1])).best == 1
