"""Cells of one sweep that hold the same configurations: each runs and counts once."""

import itertools

import numpy as np
import pytest

from store.analysis.parameter_grids import families
from store.data import load
from store.ledger.ledger import counts
from store.query.results import Results
from store.records.comparable_groups import pools
from store.records.experiment import configurations
from sweeper.plan.cell import data_spec
from sweeper.plan.overlap import _common_axis
from sweeper.plan.plan import build_plan
from sweeper.run.driver import sweep_cells
from sweeper.space.axes import Choices, Range
from sweeper.space.counter_rng import Permutation
from tests.sweeper.planned import make_cell

BARS = {"source": "synthetic", "kind": ["trend"], "bars": 400, "seed": 1}
CELLS = {
    "grid": make_cell("params.fast=range(2,12)", "params.slow=range(4,24,2)", data=BARS),
    "steps": make_cell("params.fast=range(5,20,3)", "params.slow=range(10,60,5)", data=BARS),
    "with the defaults": make_cell("params.fast=20,5,8", "params.slow=50,20,60", data=BARS),
    "a line": make_cell("params.fast=range(2,30)", params={"slow": 22}, data=BARS),
    "random": make_cell(
        "params.fast=range(2,30)",
        "params.slow=range(4,60)",
        data=BARS,
        search={"kind": "random", "n": 60, "seed": 3},
    ),
    "with a stop": make_cell(
        "params.fast=5,8", "params.slow=20,30", "risk.stop_loss=null,0.1", data=BARS
    ),
}
DATASETS = load(data_spec(CELLS["grid"].config))


def plan_of(*names):
    return build_plan([CELLS[name] for name in names], [DATASETS] * len(names))


def rows(plan):
    """The configurations that a plan runs, NaN as a word."""
    found = []
    for group in plan.cut([7] * len(plan.groups)).groups:
        for start in range(0, group.points, 7):
            numbers, _, _ = group.configurations(start, min(start + 7, group.points))
            found += [tuple(str(value) for value in row) for row in numbers]
    return found


ALONE = {name: set(rows(plan_of(name))) for name in CELLS}
PAIRS = list(itertools.permutations(CELLS, 2))
MORE = [tuple(CELLS), tuple(reversed(CELLS)), ("steps", "a line", "grid", "with the defaults")]


@pytest.mark.parametrize("names", [*PAIRS, *MORE])
def test_each_configuration_of_cells_that_overlap_runs_and_counts_once(names):
    plan = plan_of(*names)
    found = rows(plan)
    assert len(found) == len(set(found)) == plan.runs == plan.configurations
    assert set(found) == set.union(*(ALONE[name] for name in names))


def test_what_is_shared_is_said():
    assert (
        "configurations that several cells hold are run once" in plan_of("grid", "steps").notes[0]
    )
    inside = plan_of("with the defaults", "a line")
    assert [len(group.baseline) for group in inside.groups] == [1, 1]  # (20, 50) and (20, 22)


def test_a_cell_inside_an_earlier_one_is_dropped():
    inner = make_cell("params.fast=range(3,6)", "params.slow=range(10,14,2)", data=BARS)
    plan = build_plan([CELLS["grid"], inner], [DATASETS] * 2)
    assert plan.hash() == plan_of("grid").hash()
    assert plan.notes == ("7 configurations that several cells hold are run once",)


FOLDS = {"kind": "walk_forward", "train": "100d", "test": "50d"}


def folded(*sweeps, **split):
    return make_cell(*sweeps, data=BARS, split=FOLDS | split)


def test_windows_spelt_in_two_ways_are_shared_between_cells_that_overlap():
    first = folded("params.fast=range(2,8)", "params.slow=20,30")
    second = folded("params.fast=range(5,12)", "params.slow=20,30", embargo="0d")
    purged = folded("params.fast=range(5,12)", "params.slow=20,30", embargo="2d")
    plan = build_plan([first, second, purged], [DATASETS] * 3)
    alone = build_plan([second], [DATASETS])
    shared = 3 * 2 + 1  # fast 5 to 7, and the defaults
    assert [group.left_out for group in plan.groups] == [0, shared, 0], "tests two days later"
    assert plan.groups[1].runs == alone.runs - shared * len(plan.groups[1].windows)
    assert plan.configurations == 13 + 15 - shared + 15


def test_groups_on_windows_spelt_in_two_ways_are_one_pool(tmp_path):
    store = {"root": str(tmp_path)}
    spelt = {"100d": "2,5", "0100d": "5,8"}
    cells = [
        make_cell(
            f"params.fast={fasts}",
            params={"slow": 30},
            data=BARS,
            store=store,
            executor="inline",
            split=FOLDS | {"train": train},
        )
        for train, fasts in spelt.items()
    ]
    experiment = sweep_cells(cells, ["python", "-m", "sweeper", "-m"])
    (pool,) = pools(experiment)
    assert len(pool.groups) == 2
    runs = Results(tmp_path).runs(experiment.id)
    assert len(set(runs["config_hash"].to_pylist())) == len(runs)
    assert configurations(experiment) == 4  # fast 2, 5, 8 and the defaults, 20


def test_grids_of_any_size_are_compared_without_listing_them():
    wide = make_cell("params.fast=range(1,9000)", "params.slow=range(1,8501)", data=BARS)
    other = make_cell("params.fast=range(8000,10000,3)", "params.slow=range(2,9001)", data=BARS)
    plan = build_plan([wide, other], [DATASETS] * 2)
    shared = sum(8500 - fast for fast in range(8000, 8500, 3))
    alone = build_plan([other], [DATASETS]).runs
    assert plan.groups[1].runs == alone - shared - 1  # the defaults are in the first


@pytest.mark.parametrize("second", [(5, 3, 40), (90, -4, 20), (1, 1, 9), (200, 7, 5), (6, 6, 30)])
@pytest.mark.parametrize("first", [(0, 2, 50), (80, -5, 17), (7, 12, 8)])
def test_the_numbers_that_two_ranges_have_in_common(first, second):
    axes = [Range("x", *numbers) for numbers in (first, second)]
    lists = [axis.at(np.arange(axis.size)) for axis in axes]
    expected = np.intersect1d(*lists).tolist()
    for one, two in (axes, (axes[0], Choices("x", lists[1]))):
        common = _common_axis(one, two)
        assert (common is None and not expected) or sorted(
            common.at(np.arange(common.size)).tolist()
        ) == expected


@pytest.mark.parametrize("size", [1, 2, 7, 120, 4_097, 10**6 + 3])
def test_the_position_of_a_value_undoes_the_shuffle(size):
    shuffle = Permutation(size, seed=9)
    some = np.unique(np.linspace(0, size - 1, 500).astype(np.int64))
    assert np.array_equal(shuffle.position(shuffle.at(some)), some)
    assert np.array_equal(shuffle.at(shuffle.position(some)), some)


def test_grids_that_overlap_are_one_family_whichever_comes_first(tmp_path):
    grids = [
        ("params.fast=range(5,14)", "params.slow=range(16,40,4)"),
        ("params.fast=range(9,20)", "params.slow=range(16,40,4)"),
    ]
    whole = ("params.fast=range(5,20)", "params.slow=range(16,40,4)")
    shown = []
    for place, asked in enumerate(([whole], grids, grids[::-1])):
        store = {"root": str(tmp_path / str(place))}
        cells = [make_cell(*sweeps, data=BARS, store=store, executor="inline") for sweeps in asked]
        experiment = sweep_cells(cells, ["python", "-m", "sweeper", "-m"])
        results = Results(store["root"])
        (family,) = families(results.points(experiment.id), experiment)
        at = zip(*(axis.tolist() for axis in family.axes.values()), strict=True)
        found = dict(zip(at, family.metric.tolist(), strict=True))
        suggestion = results.suggestion(experiment.id)
        shown.append(
            (found, suggestion["params"], suggestion["median"], sum(counts(results.root).values()))
        )
        assert configurations(experiment) == len(results.runs(experiment.id))
    assert shown[0] == shown[1] == shown[2]
