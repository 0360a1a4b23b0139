"""One rule for which value is better: finite ones by their end, then infinities, NaN never."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.analysis.pareto import unbeaten
from store.analysis.walk_forward import best_of
from store.query.results import Results
from store.records.run_numbering import Layout
from store.runs.compaction import compact
from store.runs.metric_order import best_end, better, goodness
from tests.store.made_runs import add_blocks, finish, new_experiment, run_table

VALUES = [0.5, math.inf, math.nan, 2.0, -1.0, -math.inf]


@pytest.mark.parametrize(
    ("highest", "order"), [(True, [2.0, 0.5, -1.0]), (False, [-1.0, 0.5, 2.0])]
)
def test_infinite_values_come_after_all_finite_ones(highest, order):
    ranked = sorted((v for v in VALUES if not math.isnan(v)),
                    key=lambda v: -goodness(v, highest))  # fmt: skip
    assert ranked[:3] == order
    assert all(math.isinf(v) for v in ranked[3:])
    assert math.isnan(goodness(math.nan, highest))


@given(st.floats(), st.floats(), st.booleans())
def test_better_is_an_order(a, b, highest):
    assert not (better(a, b, highest) and better(b, a, highest))
    if math.isfinite(a) and math.isfinite(b):
        assert better(a, b, highest) == (a > b if highest else a < b)
    if math.isfinite(a) and not math.isfinite(b):
        assert better(a, b, highest)
        assert not better(b, a, highest)


def test_an_infinity_is_better_than_what_is_not_known():
    assert better(math.inf, math.nan, highest=True)
    assert not better(math.nan, math.inf, highest=True)
    assert not better(math.nan, math.nan, highest=True)


@pytest.mark.parametrize(
    ("metric", "end"),
    [
        *[(name, "min") for name in ("max_drawdown", "volatility", "losing_trades", "turnover")],
        *[(name, "max") for name in ("sharpe", "sharpe_daily", "profit_factor", "avg_loss")],
        ("metrics.of_ones_own", "max"),
    ],
)
def test_which_end_of_a_metric_is_best(metric, end):
    assert best_end(metric) == end


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Six runs by their profit factor: two infinite, one unknown."""
    folder = tmp_path_factory.mktemp("store")
    experiment = new_experiment(folder, search={"metric": "profit_factor", "mode": "max"})
    table = run_table(experiment.id, n=6)
    place = table.schema.get_field_index("profit_factor")
    add_blocks(folder, experiment, [table.set_column(place, table.schema.field(place), [VALUES])])
    finish(folder, compact(folder, experiment.id), status="done")
    return folder


def test_ranking_top_and_the_order_of_the_file_agree(root):
    results = Results(root)
    top = results.top("profit_factor", n=6)["profit_factor"].to_pylist()
    assert top == [2.0, 0.5, -1.0, math.inf, -math.inf]
    assert results.best(n=6)["profit_factor"].to_pylist() == top
    assert results.runs()["profit_factor"].to_pylist()[:5] == top
    assert str(results.resolve("latest/best")).endswith("/3")
    assert 2.0 in [group["best"] for group in results.summary()["groups"]]


def test_a_fold_chooses_a_finite_one_and_a_front_is_made_of_them():
    scores = np.array([math.inf, 1.0, math.nan, 3.0])
    assert best_of(scores, descending=True) == 3
    assert best_of(scores, descending=False) == 1
    values = np.column_stack([goodness(scores, True), goodness([1.0, 2.0, 3.0, 1.0], True)])
    assert unbeaten(values).tolist() == [False, True, False, True]
    assert Layout.of([]).single
