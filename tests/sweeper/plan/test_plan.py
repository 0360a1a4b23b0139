"""Plans: which configurations, in which blocks, under which run numbers."""

import dataclasses
import pickle

import numpy as np
import pandas as pd
import pytest

from kernels import METRICS, Settings, evaluate
from store.data import from_frame
from sweeper.config.error_text import DoesNotFit
from sweeper.evaluate.kernel_call import evaluate_group
from sweeper.plan.plan import build_plan
from tests.sweeper.planned import GRID, make_cell, make_plan


def everything(plan):
    """All configurations of a plan, block by block."""
    for block in range(plan.blocks):
        group, start, stop = plan.locate(block)
        numbers, points, _ = group.configurations(start, stop)
        for row, point in zip(numbers, points, strict=True):
            yield group.series.symbol, int(point), tuple(row[:2])


@pytest.fixture(scope="module")
def plan():
    return make_plan(make_cell(*GRID))


def test_every_valid_configuration_comes_once(plan):
    expected = {(f, s) for f in range(2, 12) for s in range(4, 24, 2) if f < s} | {(20, 50)}
    for symbol in ("SYN-TREND", "SYN-GARCH"):
        found = [numbers for name, _, numbers in everything(plan) if name == symbol]
        assert sorted(found) == sorted(expected)
    assert plan.runs == 2 * len(expected)
    assert plan.configurations == plan.runs


@pytest.mark.parametrize("size", [1, 7, 64, 1000])
def test_block_size_changes_nothing_but_the_blocks(plan, size):
    assert sorted(everything(plan.cut([size, size]))) == sorted(everything(plan))
    assert plan.cut([size, size]).hash() == plan.hash()
    assert plan.cut([size, size]).groups[1].first_run == plan.groups[1].first_run


def test_a_grid_point_that_is_the_baseline_is_skipped():
    plan = make_plan(make_cell("params.fast=10,20", "params.slow=50,60")).cut([100, 100])
    numbers, points, skipped = plan.groups[0].configurations(0, 5)
    assert skipped == 1
    assert points.tolist() == [0, 1, 2, 4]
    assert numbers[:, :2].tolist() == [[20, 50], [10, 50], [10, 60], [20, 60]]
    assert plan.groups[0].runs == 4
    outside = make_plan(make_cell("params.fast=10,21", "params.slow=50,60"))
    assert outside.groups[0].runs == 5


@pytest.mark.parametrize(
    ("sweeps", "inside"),
    [
        (("params.fast=5,20", "params.slow=50,60"), True),
        (("params.fast=5,10", "params.slow=50,60"), False),
        (("params.fast=range(5,60)", "params.slow=range(20,260,2)"), True),
        (("params.fast=range(5,60)", "params.slow=range(21,260,2)"), False),
        (("params.fast=int(interval(5,20))",), True),
        (("params.fast=int(interval(5,19))",), False),
        (("risk.stop_loss=null,0.1",), True),
        (("risk.stop_loss=0.05,0.1",), False),
    ],
)
def test_whether_the_defaults_lie_in_the_space_is_known(sweeps, inside):
    params = {"fast": 20, "slow": 50}
    cell = make_cell(*sweeps, params=params, search={"kind": "random", "n": 5})
    assert cell.baseline_in_space is inside


def test_a_baseline_that_breaks_the_constraint_is_left_out():
    plan = make_plan(make_cell("params.fast=10,20", params={"slow": 15}))
    assert plan.groups[0].runs == 1
    assert [numbers for _, _, numbers in everything(plan)] == [(10, 15), (10, 15)]


def test_the_strategys_own_space_is_used_when_no_parameter_is_swept():
    space = {"strategy": {"space": {"fast": "range(2,5)", "slow": "choice(10,20)"}}}
    assert make_plan(make_cell(**space)).groups[0].runs == 7
    assert make_plan(make_cell("costs.commission=0,0.001", **space)).groups[0].runs == 13
    pinned = make_cell(pinned=["params.slow"], params={"slow": 30}, **space)
    assert make_plan(pinned).groups[0].runs == 4


def test_the_hash_follows_what_decides_rows():
    plain = make_plan(make_cell(*GRID)).hash()
    assert make_plan(make_cell(*GRID, name="other", tags=["x"])).hash() == plain
    others = [
        make_cell(GRID[0], "params.slow=range(4,24)"),
        make_cell(*GRID, costs={"commission": 0.1}),
        make_cell(*GRID, holdout=0.3),
        make_cell(*GRID, strategy={"direction": "both"}),
        make_cell(*GRID, data={"source": "synthetic", "kind": ["trend"], "bars": 400, "seed": 2}),
    ]
    assert len({plain, *(make_plan(cell).hash() for cell in others)}) == 6


def test_another_metric_is_another_experiment():
    """Its best run, its plateau and its report are others; the runs are copied."""
    plain = make_plan(make_cell(*GRID)).hash()
    goals = [{"metric": "calmar"}, {"metric": "max_drawdown"}, {"metric": "sharpe", "mode": "min"}]
    hashes = {make_plan(make_cell(*GRID, search=goal)).hash() for goal in goals}
    assert len({plain, *hashes}) == 4
    assert make_plan(make_cell(*GRID, search={"metric": "sharpe", "mode": "max"})).hash() == plain


def test_the_holdout_never_reaches_a_worker():
    plan = make_plan(make_cell(*GRID, holdout=0.25))
    for group in plan.groups:
        assert {len(column) for column in group.series.columns.values()} == {300}
        assert max(window.stop for window in group.windows) == 300


def test_swept_settings_reach_the_kernel():
    sweeps = ("costs.commission=0,0.01", "risk.stop_loss=null,0.05")
    space = {"space": {"fast": "3,4"}}
    plan = make_plan(make_cell(*sweeps, params={"slow": 12, "fast": 3}, strategy=space))
    group = plan.groups[0]
    numbers, _, _ = group.configurations(0, group.points)
    got = evaluate_group(group, numbers).metrics[:, 0, METRICS.index("total_return")]
    names = group.cell.names
    for row, value in zip(numbers, got, strict=True):
        by = dict(zip(names, row, strict=True))
        own = {name.partition(".")[2]: by[name] for name in names if "." in name[4:]}
        settings = Settings(
            commission=by["costs.commission"],
            stop_loss=by["risk.stop_loss"],
            periods_per_year=group.settings.periods_per_year,
        )
        params = {"fast": by["params.fast"], "slow": by["params.slow"]}
        alone = evaluate(group.series.columns, "sma", params, settings)
        assert alone["total_return"][0] == value
        assert own


def test_a_plan_survives_pickling(plan):
    again = pickle.loads(pickle.dumps(plan))
    assert sorted(everything(again)) == sorted(everything(plan))
    assert again.hash() == plan.hash()


def test_a_plan_of_a_hundred_million_points_is_small():
    cell = make_cell("params.fast=range(1,10001)", "params.slow=range(1,10001)")
    plan = make_plan(cell).cut([25_000, 25_000])
    assert plan.groups[0].points == 10**8 + 1
    assert len(pickle.dumps(dataclasses.replace(plan.groups[0]))) < 100_000
    group, start, stop = plan.locate(3_999)
    numbers, points, _ = group.configurations(start, stop)
    assert np.all(numbers[:, 0] < numbers[:, 1])
    assert points[0] > 99_900_000


def history(symbol, days):
    """Flat bars of so many business days up to the end of 2020."""
    index = pd.bdate_range(end="2020-12-31", periods=days, tz="UTC")
    prices = dict.fromkeys(("open", "high", "low", "close"), 10.0)
    return from_frame(pd.DataFrame(prices | {"volume": 1.0}, index), symbol)


FOLDS = {"split": {"kind": "walk_forward", "train": "2y", "test": "1y"}}


def test_a_symbol_too_young_for_the_folds_is_left_out_and_named():
    symbols = [history("OLD", 2_800), history("YOUNG", 390), history("ALSO", 2_000)]
    plan = build_plan([make_cell(*GRID, **FOLDS)], [symbols])
    assert [group.series.symbol for group in plan.groups] == ["OLD", "ALSO"]
    (note,) = plan.notes
    assert note.startswith("1 of 3 symbols left out: YOUNG: split: train 2y, ")
    assert plan.cut([5, 5]).notes == plan.notes


def test_the_only_symbol_is_refused_by_its_name():
    with pytest.raises(DoesNotFit, match=r"^YOUNG: split: train 2y, .* are longer than the 312"):
        build_plan([make_cell(*GRID, **FOLDS)], [[history("YOUNG", 390)]])


def test_a_key_that_no_bars_fit_leaves_no_symbol_out():
    cell = make_cell(*GRID, split={"kind": "walk_forward", "train": "soon"})
    with pytest.raises(ValueError, match=r"^split.train: need whole bars"):
        build_plan([cell], [[history("OLD", 2_800), history("YOUNG", 390)]])


def test_figures_per_year_of_hours_are_said_to_say_little():
    index = pd.date_range("2021-01-01", periods=60, freq="min", tz="UTC")
    prices = dict.fromkeys(("open", "high", "low", "close"), 10.0)
    minutes = pd.DataFrame(prices | {"volume": 1.0}, index)
    plan = build_plan([make_cell(*GRID)], [[from_frame(minutes, "X", "1m", calendar="24/7")]])
    (note,) = plan.notes
    assert note.startswith("X: window dev lasts 0.78 hours only; figures per year (CAGR, ")


def bars_of(symbol, first, n):
    index = pd.date_range(first, periods=n, tz="UTC")
    prices = dict.fromkeys(("open", "high", "low", "close"), np.linspace(10.0, 20.0, n))
    return from_frame(pd.DataFrame(prices | {"volume": 1.0}, index), symbol, calendar="24/7")


def test_a_holdout_by_date_begins_on_the_same_day_for_all_symbols():
    data = [bars_of("OLD", "2022-01-01", 500), bars_of("YOUNG", "2022-11-01", 300)]
    plan = build_plan([make_cell(*GRID, holdout="2023-01-01")], [data])
    assert [len(group.series.times) for group in plan.groups] == [365, 61]
    assert {str(group.series.times[-1])[:10] for group in plan.groups} == {"2022-12-31"}


def test_a_symbol_without_bars_before_or_after_the_holdout_is_left_out_and_named():
    data = [
        bars_of("NEW", "2023-01-01", 100),
        bars_of("WHOLE", "2022-01-01", 500),
        bars_of("GONE", "2022-01-01", 100),
    ]
    plan = build_plan([make_cell(*GRID, holdout="2023-01-01")], [data])
    assert [group.series.symbol for group in plan.groups] == ["WHOLE"]
    (note,) = [note for note in plan.notes if "left out" in note]
    assert note == (
        "2 of 3 symbols left out: NEW: holdout=2023-01-01 leaves no bar before it; the bars are "
        "from 2023-01-01 to 2023-04-10; GONE: holdout=2023-01-01 leaves no bar from that day on; "
        "the bars are from 2022-01-01 to 2022-04-10"
    )


def test_a_holdout_that_fits_no_symbol_is_refused_with_its_days():
    with pytest.raises(DoesNotFit, match=r"^NEW: holdout=2023-01-01 .* 2023-01-01 to 2023-04-10$"):
        build_plan([make_cell(*GRID, holdout="2023-01-01")], [[bars_of("NEW", "2023-01-01", 100)]])


def test_a_date_and_the_fraction_with_the_same_bars_have_the_same_rows():
    data = [[bars_of("X", "2022-01-01", 500)]]
    dated = build_plan([make_cell(*GRID, holdout="2023-02-05")], data)  # bar 400
    assert dated.hash() == build_plan([make_cell(*GRID, holdout=0.2)], data).hash()
