"""Two runs side by side, by hand."""

import math

import pytest

from store.query.compare import compare
from store.query.results import Results
from tests.store.made_runs import add_blocks, new_experiment, run_table

A, B = "exp-20260102-030405-0001", "exp-20260102-030405-0002"
WINDOWS = [{"role": "dev", "start": 0, "stop": 100}]


def experiment(root, name, table, **group):
    shared = {"points": 3, "runs": 3, "windows": WINDOWS, "symbol": "NASDAQ", "first_run": 0}
    made = new_experiment(root, id=name, groups=[{"strategy": "sma", **shared, **group}])
    return add_blocks(root, made, [table])


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    root = tmp_path_factory.mktemp("store")
    fixed = {"symbol": "NASDAQ", "sharpe": [0.5, 0.25, 0.0], "total_return": [0.5, 0.25, 0.0]}
    fixed |= {"max_drawdown": [0.25, 0.5, 0.5], "win_rate": [math.nan, 0.5, 0.5]}
    one = run_table(A, n=3, **fixed, **{"params.fast": [5, 6, 7], "params.slow": [20, 20, 20]})
    settings = {"fill": "next_open", "initial_capital": 10000.0}
    costs = {"costs.commission": 0.0005, "risk.stop_loss": None, "params.fast": 9}
    experiment(root, A, one, settings=settings, fixed=costs)
    fixed["sharpe"] = [1.5, 0.25, 0.0]
    params = {"fast": int, "length": int}
    two = run_table(
        B, n=3, params=params, swept=["costs.commission"], **fixed,
        **{"params.fast": [10, 6, 7], "params.length": [3, 3, 3],
           "costs.commission": [0.001, 0.0005, 0.0005]},
    )  # fmt: skip
    settings = {"fill": "same_close", "initial_capital": 10000.0}
    experiment(root, B, two, settings=settings, fixed={"risk.stop_loss": 0.25})
    return Results(root)


def test_params_settings_and_metrics_of_two_runs(results):
    found = compare(results, f"{A}/0", f"{B}/0")
    assert found["params"] == {
        "only_a": {"slow": 20},
        "only_b": {"length": 3},
        "different": {"fast": {"a": 5, "b": 10, "delta": 5}},
    }
    assert found["settings"] == {
        "only_a": {},
        "only_b": {"risk.stop_loss": 0.25},
        "different": {
            "fill": {"a": "next_open", "b": "same_close"},
            "costs.commission": {"a": 0.0005, "b": 0.001, "delta": 0.0005},
        },
    }
    assert found["context"] == {"only_a": {}, "only_b": {}, "different": {}}
    assert found["metrics"]["sharpe"] == {"a": 0.5, "b": 1.5, "delta": 1.0}
    assert math.isnan(found["metrics"]["win_rate"]["delta"])
    assert found["uplift"] == {"sharpe": 1.0, "return": 0.0, "drawdown": 0.0}


def test_an_experiment_stands_for_its_best_run(results):
    found = compare(results, A, B)
    assert (found["a"]["ref"], found["b"]["ref"]) == (f"{A}/0", f"{B}/0")
    assert compare(results, f"{A}/0", f"{B}/0")["uplift"] == found["uplift"]


def test_a_run_and_itself_differ_in_nothing(results):
    found = compare(results, f"{A}/1", f"{A}/1")
    nothing = {"only_a": {}, "only_b": {}, "different": {}}
    assert found["params"] == found["settings"] == found["context"] == nothing
    assert all(one["delta"] == 0 for one in found["metrics"].values())


def test_another_way_round_the_uplift_changes_its_sign(results):
    there, back = compare(results, f"{A}/1", f"{B}/0"), compare(results, f"{B}/0", f"{A}/1")
    assert there["uplift"] == {name: -value for name, value in back["uplift"].items()}
    assert there["uplift"]["drawdown"] == -0.25
    assert there["params"]["only_a"] == back["params"]["only_b"]
