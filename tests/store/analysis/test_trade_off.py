"""Several metrics searched for, as the report draws them."""

import numpy as np
import pytest

from store.analysis.parameter_grids import axis_columns
from store.errors import UnknownReference
from store.query.results import Results
from store.report.trade_off import trade_off
from tests.store.made_runs import SEARCH, filled

GOALS = SEARCH | {"goals": [["sharpe", "max"], ["max_drawdown", "min"]]}


def drawn(root, **changes):
    experiment = filled(root, search=GOALS, **changes)
    results = Results(root)
    runs = results.runs(experiment.id)
    return results, runs, trade_off(results, experiment, runs)


def test_all_are_drawn_and_the_front_is_the_stores(tmp_path):
    results, runs, found = drawn(tmp_path)
    assert sorted(found.x) == sorted(runs["sharpe"].to_pylist())
    assert sorted(found.y) == sorted(runs["max_drawdown"].to_pylist())
    assert [one.run for one in found.front] == [row["run"] for row in results.front()]
    assert found.size == len(found.front)
    assert found.note == ""
    best = runs.slice(int(np.argmax(runs["sharpe"].to_numpy())), 1).to_pylist()[0]
    numbers = " ".join(f"{n.partition('.')[2]} {best[n]}" for n in axis_columns(runs.schema))
    assert found.texts[0] == f"run {best['run']}: sma NASDAQ {numbers}"


def test_of_many_some_are_drawn_and_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr("store.report.trade_off.MOST_DOTS", 50)
    monkeypatch.setattr("store.report.trade_off.BEST_DOTS", 5)
    monkeypatch.setattr("store.report.trade_off.MOST_FRONT", 2)
    monkeypatch.setattr("store.report.trade_off.FIRST_FRONT", 1)
    _, runs, found = drawn(tmp_path)
    assert len(found.x) == len(found.texts) == 50
    assert found.x[0] == max(runs["sharpe"].to_pylist())
    assert (len(found.front), found.size > 2) == (2, True)
    assert found.note == f"50 of 120 configurations, 2 of {found.size} of the front"


def test_one_metric_has_none(tmp_path):
    experiment = filled(tmp_path)
    results = Results(tmp_path)
    assert trade_off(results, experiment, results.runs(experiment.id)) is None


def test_a_configuration_is_named_by_a_run(tmp_path):
    experiment = filled(tmp_path)
    results = Results(tmp_path)
    assert results.standing("latest/best") == results.standings(n=1)[0]
    with pytest.raises(UnknownReference, match=f"latest: names no run; {experiment.id}/42 does"):
        results.standing("latest")
