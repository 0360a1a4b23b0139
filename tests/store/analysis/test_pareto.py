"""The Pareto front: what no configuration beats in every metric."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from rich.console import Console

from store.analysis.pareto import unbeaten
from store.query.results import Results
from store.terminal.leaderboard import front_table
from tests.store.made_runs import SEARCH, filled


def slow_unbeaten(values):
    """One obvious line: nobody is at least as good in all and better in one."""
    return [
        not np.isnan(own).any()
        and not any((other >= own).all() and (other > own).any() for other in values)
        for own in values
    ]


def test_by_hand():
    values = np.array([[3, 1], [1, 3], [2, 2], [2, 1], [3, 1], [np.nan, 9], [0, 0]])
    assert unbeaten(values).tolist() == [True, True, True, False, True, False, False]


@given(
    st.integers(1, 3).flatmap(
        lambda k: arrays(
            np.float64, st.tuples(st.integers(0, 30), st.just(k)), elements=st.integers(0, 5)
        )
    )
)
def test_as_the_obvious_way(values):
    assert unbeaten(values).tolist() == slow_unbeaten(values)


def test_infinity_is_better_than_any_number():
    assert unbeaten(np.array([[np.inf, 0], [1, 0]])).tolist() == [True, False]


GOALS = SEARCH | {"goals": [["sharpe", "max"], ["max_drawdown", "min"]]}


def test_the_front_of_an_experiment(tmp_path):
    experiment = filled(tmp_path, search=GOALS)
    results = Results(tmp_path)
    rows = results.runs(experiment.id, ["run", "sharpe", "max_drawdown"]).to_pylist()
    values = np.array([[row["sharpe"], -row["max_drawdown"]] for row in rows])
    want = {row["run"] for row, best in zip(rows, slow_unbeaten(values), strict=True) if best}
    found = results.front(experiment.id)
    assert {row["run"] for row in found} == want
    sharpe = [row["metrics"]["sharpe"] for row in found]
    assert sharpe == sorted(sharpe, reverse=True)
    console = Console(width=100, record=True)
    console.print(front_table(results, experiment))
    said = f"{len(want)} configurations that none beats in highest sharpe and lowest max drawdown"
    assert said in console.export_text()


def test_one_goal_has_no_front(tmp_path):
    assert Results(tmp_path).front(filled(tmp_path).id) == []
