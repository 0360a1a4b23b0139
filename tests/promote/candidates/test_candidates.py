"""Who competed: all of an experiment's pool, wherever its runs are, each once."""

import dataclasses
from types import SimpleNamespace

import numpy as np
import pyarrow.compute as pc
import pytest

from kernels import METRICS, Settings, evaluate
from promote.candidates import rerun, significance
from promote.candidates.candidates import candidates
from promote.candidates.judged_sample import Sample, judged_span
from promote.candidates.rerun import config_hash, differences, leaks
from promote.candidates.selection import neighbourhood, select
from promote.statistics.blocks import Blocks
from store.analysis.block_sharpe import block_sums
from store.analysis.neighbourhoods import plateau
from store.errors import StoreError, UnknownReference
from store.ledger.ledger import counts
from store.query.results import Results
from store.records.comparable_groups import pools
from store.records.history import HistoryRecord
from store.replay.replay import group_of, replay_of
from store.runs.reader import Shelf
from sweeper.sweep import sweep_cells
from tests.promote.swept import GRID, Swept, sweep, verdicts
from tests.sweeper.planned import make_cell

MIXED = (*GRID, "risk.stop_loss=null,0.05")


def samples(root, experiment):
    shelf = Shelf(root)
    found = [candidates(shelf, experiment, pool) for pool in pools(experiment)]
    return [Sample(one, shelf, judged_span(one.pool)) for one in found]


@pytest.fixture(scope="module")
def grown(planted, tmp_path_factory):
    """A part of a sweep, then all of it, in one store; and all of it at once in another."""
    folder = tmp_path_factory.mktemp("grown")
    part = ("params.fast=range(2,8)", "params.slow=range(10,20,2)")
    small = sweep(folder / "twice", planted.bars, *part)
    large = sweep(folder / "twice", planted.bars)
    once = sweep(folder / "once", planted.bars)
    return folder, small, large, once


def by_hash(sample, values):
    return dict(zip(sample.candidates.runs["config_hash"].to_pylist(), values, strict=True))


def test_a_grown_experiment_has_all_its_configurations(grown):
    folder, small, large, once = grown
    assert large.counts["skipped"] > 0
    (twice,), (whole,) = samples(folder / "twice", large), samples(folder / "once", once)
    assert len(twice.candidates.runs) == len(whole.candidates.runs) == once.counts["done"]
    assert set(twice.candidates.experiments) == {large.id}
    assert set(twice.candidates.runs["origin"].to_pylist()) == {None, small.id}
    assert by_hash(twice, twice.metric("sharpe")) == by_hash(whole, whole.metric("sharpe"))
    sums, all_sums = (by_hash(one, one.blocks.sums.T) for one in (twice, whole))
    assert all((sums[key] == all_sums[key]).all() for key in all_sums)


def test_returns_are_those_that_the_block_sums_are_of(grown):
    folder, _, large, _ = grown
    (sample,) = samples(folder / "twice", large)
    places = np.array([0, 7, len(sample.candidates.runs) - 1])
    found = sample.returns(places)
    assert found.shape == (sample.bars, 3)
    edges = np.cumsum(np.r_[0, sample.blocks.bars]).astype(int)
    for name, expected in (("sums", found), ("squares", found**2)):
        stored = getattr(sample.blocks, name)[:, places]
        np.testing.assert_allclose(
            np.add.reduceat(expected, edges[:-1]), stored, rtol=1e-5, atol=1e-7
        )


def test_gains_that_owe_to_those_before_them_are_less_sure(grown, monkeypatch):
    folder, small, _, _ = grown
    (sample,) = samples(folder / "twice", small)
    seen = []

    def forgetful(returns):
        seen.append(returns.shape)
        return 1.0

    monkeypatch.setattr(significance, "dependence", forgetful)
    every = np.ones(len(sample.candidates.runs), np.bool_)
    kin = np.arange(every.size)
    sure = significance.best_of_kin(sample, kin, every).p
    monkeypatch.setattr(significance, "dependence", lambda returns: 4.0)
    assert significance.best_of_kin(sample, kin, every).p > sure
    assert seen == [(sample.bars, significance.EXAMPLES)]


def test_what_is_above_a_benchmark_has_its_sums_and_about_its_squares(grown):
    folder, _, large, _ = grown
    (sample,) = samples(folder / "twice", large)
    every = sample.returns(np.arange(len(sample.candidates.runs)))
    mine = 5
    above = every - every[:, [mine]]
    places = significance.examples(sample.blocks, np.arange(sample.blocks.sums.shape[1]))
    found = significance.excess(sample.blocks, every[:, mine], places, above[:, places])
    edges = np.cumsum(np.r_[0, sample.blocks.bars]).astype(int)[:-1]
    np.testing.assert_allclose(found.sums, np.add.reduceat(above, edges), atol=1e-6)
    np.testing.assert_allclose(found.squares[:, mine], 0, atol=1e-7)
    others = np.delete(np.arange(every.shape[1]), mine)
    ratio = found.squares[:, others].sum(axis=0) / (above[:, others] ** 2).sum(axis=0)
    assert np.median(ratio) == pytest.approx(1, abs=0.15)
    assert 0.3 < ratio.min() <= ratio.max() < 3


def test_sweeps_that_never_trade_have_an_example_too(grown):
    folder, small, _, _ = grown
    (sample,) = samples(folder / "twice", small)
    idle = Blocks(*(np.zeros_like(part) for part in sample.blocks[:2]), sample.blocks.bars)
    assert significance.examples(idle, np.arange(idle.sums.shape[1])).tolist() == [0]


@pytest.mark.parametrize("by", ["plateau", "sharpe"])
def test_a_grown_experiment_gives_the_same_choice(grown, by):
    folder, _, large, once = grown
    stores = {"twice": large, "once": once}
    chosen = [select(samples(folder / name, one), by) for name, one in stores.items()]
    params = [sample.candidates.run(place)["params"] for sample, place in chosen]
    assert params[0] == params[1]


def test_a_grown_experiment_gets_the_same_verdicts(grown, planted, monkeypatch):
    monkeypatch.setattr("promote.audit.git_tree.changed_files", tuple)
    folder, _, large, once = grown
    told = []
    for name, experiment in (("twice", large), ("once", once)):
        swept = Swept(folder / name, planted.bars, experiment)
        found = swept.judged(experiment.id, log=None)
        told.append([(one.check, one.word, one.observed) for one in found.verdicts])
    assert repr(told[0]) == repr(told[1])


def test_runs_of_other_numbers_are_no_candidates(planted, tmp_path):
    """Runs of an earlier experiment with other costs or with stops are not those of this plan."""
    root = tmp_path / "results"
    sweep(root, planted.bars, costs={"commission": 0.01})
    sweep(root, planted.bars, *MIXED)
    more = ("params.fast=range(2,9)", GRID[1])
    later = sweep(root, planted.bars, *more)
    (sample,) = samples(root, later)
    alone = sweep(tmp_path / "alone", planted.bars, *more)
    (whole,) = samples(tmp_path / "alone", alone)
    assert by_hash(sample, sample.metric("sharpe")) == by_hash(whole, whole.metric("sharpe"))
    assert sample.blocks.sums.shape == whole.blocks.sums.shape


def test_a_setting_that_was_fixed_before_and_is_swept_now(planted, tmp_path):
    root = tmp_path / "results"
    sweep(root, planted.bars, risk={"stop_loss": 0.05})
    later = sweep(root, planted.bars, *MIXED)
    (sample,) = samples(root, later)
    stops = sample.candidates.column("risk.stop_loss")
    assert {0.05} == set(stops[~np.isnan(stops)])
    place = int(np.flatnonzero(stops == 0.05)[0])
    own, run = sample.candidates.experiment(place), sample.candidates.run(place)
    assert replay_of(own, run, sample.series).settings.stop_loss == 0.05


def test_block_sums_are_those_of_their_runs(planted):
    (sample,) = samples(planted.root, planted.experiment)
    table = Results(planted.root).runs(planted.experiment.id).sort_by("run")
    order = np.argsort(sample.candidates.runs["run"].to_numpy())
    sums, squares = block_sums(table)
    np.testing.assert_array_equal(sample.blocks.sums.T[order], sums)
    np.testing.assert_array_equal(sample.blocks.squares.T[order], squares)
    assert sample.blocks.bars.sum() == sample.bars == 2000


def test_block_sums_of_other_runs_are_refused(planted):
    (sample,) = samples(planted.root, planted.experiment)
    without = pc.field("run") != int(sample.candidates.runs["run"][0].as_py())

    def read(one, action):
        return sample.shelf.read(one, lambda runs: action(runs.filter(without)))

    short = SimpleNamespace(read=read)
    with pytest.raises(StoreError, match="lacks some of the runs"):
        sample.candidates.block_sums(short)


def test_a_metric_that_older_runs_lack_is_not_known(planted):
    (sample,) = samples(planted.root, planted.experiment)
    assert np.isnan(sample.candidates.column("later_metric")).all()


def test_an_experiment_of_an_older_checkout_that_lacks_runs_is_not_judged(grown):
    folder, _, large, _ = grown
    older = dataclasses.replace(large, history=HistoryRecord(skips_runs_of=("exp-a",)))
    with pytest.raises(StoreError, match="lacks runs of its plan that are in exp-a; give its"):
        samples(folder / "twice", older)


# Several windows


@pytest.fixture(scope="module")
def walked(planted, tmp_path_factory):
    root = tmp_path_factory.mktemp("walked") / "results"
    split = {"kind": "walk_forward", "train": 800, "test": 300}
    return root, sweep(root, planted.bars, split=split)


def test_a_walk_forward_is_judged_on_all_its_trains_as_one(walked):
    root, experiment = walked
    (sample,) = samples(root, experiment)
    windows = experiment.groups[0].windows
    trains = [one for one in windows if one.role.startswith("train")]
    assert sample.span == (0, trains[-1].stop)
    assert not sample.stored
    params = {n: sample.candidates.column(f"params.{n}").astype(int) for n in ("fast", "slow")}
    settings = Settings(periods_per_year=252.0)
    alone = evaluate(sample.series, "sma", params, settings, windows=[sample.span])
    for name in METRICS:
        np.testing.assert_array_equal(sample.metric(name), alone[name][:, 0])
    total = sample.blocks.sums.sum(axis=0) / sample.bars * 252
    ratio = total / sample.metric("volatility")
    np.testing.assert_allclose(ratio, sample.metric("sharpe"), rtol=1e-5)


@pytest.mark.parametrize("by", ["plateau", "sharpe"])
def test_what_was_pruned_competes_and_is_not_selected(planted, tmp_path, by):
    split = {"kind": "walk_forward", "train": 800, "test": 300}
    root = tmp_path / "results"
    experiment = sweep(root, planted.bars, split=split, search={"prune": 2})
    (sample,) = samples(root, experiment)
    finished = sample.candidates.runs["finished"].to_numpy(zero_copy_only=False)
    windows = len(experiment.groups[0].windows)
    assert 0 < finished.sum() < len(finished) == experiment.groups[0].runs // windows
    _, place = select([sample], by)
    assert finished[place]
    only = np.where(finished, sample.metric("sharpe"), -np.inf)
    assert by == "plateau" or place == only.argmax()


@pytest.mark.parametrize("other", [{"embargo": 50}, {"mode": "anchored"}])
def test_cells_on_partly_equal_windows_count_each_configuration_once(planted, tmp_path, other):
    """All trains are equal, or the first fold is: these rows are there twice, and tried once."""
    store = {"root": str(tmp_path)}
    own = {"data": dict(planted.experiment.config["data"]), "store": store, "executor": "inline"}
    split = {"kind": "walk_forward", "train": 800, "test": 300}
    sweeps = ("params.fast=2,4", "params.slow=10,20")
    cells = [make_cell(*sweeps, split=split | more, **own) for more in ({}, other)]
    experiment = sweep_cells(cells, ["python", "-m", "sweeper", "-m"])
    hashes = Results(tmp_path).runs(experiment.id)["config_hash"].to_pylist()
    assert len(set(hashes)) < len(hashes)
    tried = 5  # four, and the defaults
    judgement = Swept(tmp_path, planted.bars, experiment).judged(limits={"holdout": None})
    assert sum(counts(tmp_path).values()) == tried
    assert judgement.evidence["tried"] == judgement.evidence["configurations"] == tried


def test_every_window_of_a_run_is_verified(walked):
    root, experiment = walked
    (sample,) = samples(root, experiment)
    run = sample.candidates.run(5)
    again = replay_of(experiment, run, sample.series)
    assert differences(sample.shelf, experiment, run, again) == ()
    other = dataclasses.replace(again, params=again.params + 1)
    told = differences(sample.shelf, experiment, run, other)
    roles = [one.role for one in experiment.groups[0].windows]
    assert all(f"the block sums of {role}" in told for role in roles)
    assert all(any(f"config hash of {role}" in one for one in told) for role in roles)


def test_a_metric_that_is_newer_than_the_file_is_no_difference():
    made = np.arange(len(METRICS), dtype=np.float64)
    stored = dict(zip(METRICS, made.tolist(), strict=True))
    older = {name: value for name, value in stored.items() if name != "kurtosis"}
    again = SimpleNamespace(metric_names=METRICS)

    def unlike(metrics):
        return list(rerun._unlike({"metrics": metrics}, again, made))

    assert unlike(older) == []
    assert unlike(older | {"sharpe": 99.0}) == ["sharpe"]
    assert unlike(stored | {"kurtosis": None}) == ["kurtosis"]


def test_the_test_window_warns_and_decides_nothing(planted, tmp_path, monkeypatch):
    monkeypatch.setattr("promote.audit.git_tree.changed_files", tuple)
    split = {"kind": "train_test", "train_end": 0.7}
    experiment = sweep(tmp_path / "results", planted.bars, split=split)
    swept = Swept(tmp_path / "results", planted.bars, experiment)
    (sample,) = samples(swept.root, experiment)
    assert sample.span == (0, 1400)
    judgement = swept.judged(select_by="sharpe", log=None)
    rows = Results(swept.root).runs("latest", ["run", "window", "sharpe"]).to_pandas()
    train = rows[rows["window"] == "train"]
    best = train["run"][train["sharpe"].idxmax()]
    assert judgement.evidence["run"]["run"] == best
    told = verdicts(judgement)["test_gap"]
    test = rows["sharpe"][rows["run"] == best + 1].iloc[0]
    assert f"{test:.2f} on test" in told.reason
    assert told.warning
    assert swept.judged(f"latest/{best + 1}", log=None).ref == judgement.ref


# Several symbols and strategies


@pytest.fixture(scope="module")
def mixed(tmp_path_factory):
    """Two directions on two symbols: two pools of two groups each."""
    root = tmp_path_factory.mktemp("mixed") / "results"
    store = {"root": str(root)}
    cells = [
        make_cell(*GRID, strategy={"direction": side}, store=store, executor="inline")
        for side in ("long", "both")
    ]
    return root, sweep_cells(cells, ["python"])


def test_what_ran_on_the_same_bars_competes(mixed):
    root, experiment = mixed
    found = samples(root, experiment)
    assert [one.candidates.pool.symbol for one in found] == ["SYN-TREND", "SYN-GARCH"]
    for one in found:
        assert set(one.candidates.runs["direction"].to_pylist()) == {"long", "both"}
    sample, place = select(found, "sharpe")
    best = max(float(np.nanmax(one.metric("sharpe"))) for one in found)
    assert sample.metric("sharpe")[place] == best


def test_the_best_plateau_is_selected(mixed):
    root, experiment = mixed
    found = samples(root, experiment)
    sample, place = select(found, "plateau")
    medians = []
    for one in found:
        runs = one.candidates.runs.to_pandas()
        runs["sharpe"] = one.metric("sharpe")
        for _, group in runs[~runs["baseline"]].groupby("direction"):  # off this grid
            axes = {name: group[name].to_numpy(float) for name in ("params.fast", "params.slow")}
            around = plateau(axes, group["sharpe"].to_numpy())
            medians.append((around.median[around.best], group["run"].iloc[around.best]))
    assert sample.candidates.run(place)["run"] == max(medians)[1]
    own = sample.metric("sharpe")[place]
    assert neighbourhood(sample, place) == pytest.approx(max(medians)[0] / own)


def test_the_baseline_has_no_neighbourhood(mixed):
    root, experiment = mixed
    sample = samples(root, experiment)[0]
    base = int(np.flatnonzero(sample.candidates.runs["baseline"].to_numpy(zero_copy_only=False))[0])
    assert np.isnan(neighbourhood(sample, base))


def test_one_configuration_that_is_the_baseline_too_is_selected(planted, tmp_path):
    experiment = sweep(tmp_path / "results", planted.bars, "params.fast=20", "params.slow=50")
    alone = samples(tmp_path / "results", experiment)
    assert select(alone, "plateau")[1] == select(alone, "sharpe")[1] == 0


def test_without_anything_but_a_baseline_off_the_grid_there_is_no_plateau(mixed):
    root, experiment = mixed
    sample = samples(root, experiment)[0]
    runs = sample.candidates.runs
    alone = dataclasses.replace(
        sample.candidates,
        runs=runs.filter(runs["baseline"]),
        group=sample.candidates.group[runs["baseline"].to_numpy(zero_copy_only=False)],
    )
    with pytest.raises(UnknownReference, match="no configuration has a plateau besides"):
        select([dataclasses.replace(sample, candidates=alone)], "plateau")


# Run again


def test_the_hash_of_a_run_is_the_one_that_a_sweep_gives(planted):
    (sample,) = samples(planted.root, planted.experiment)
    for place in (0, 7, 30):
        run = sample.candidates.run(place)
        group = group_of(planted.experiment, run["run"])
        again = replay_of(planted.experiment, run, sample.series)
        assert config_hash(group, run, group.windows[0], again) == run["config_hash"]


def test_a_missing_row_is_a_difference(planted, tmp_path):
    grid = ("params.fast=5,30", "params.slow=10,40")
    experiment = sweep(tmp_path / "results", planted.bars, *grid)
    (sample,) = samples(tmp_path / "results", experiment)
    run = sample.candidates.run(0)
    numbers = set(sample.candidates.runs["run"].to_pylist())
    barred = next(n for n in range(experiment.groups[0].points) if n not in numbers)
    again = replay_of(experiment, run, sample.series)
    told = differences(sample.shelf, experiment, {**run, "run": barred}, again)
    assert told == ("dev has no stored run",)


def test_a_run_of_no_group_is_refused(planted):
    with pytest.raises(StoreError, match="no group has run 999999"):
        group_of(planted.experiment, 999_999)


def test_a_rule_that_looks_ahead_leaks(planted):
    (sample,) = samples(planted.root, planted.experiment)
    again = replay_of(planted.experiment, sample.candidates.run(3), sample.series)
    assert leaks(again, 2000) == ()

    def tomorrow(indicators, rows, params, out):
        out[:-1] = indicators[rows[0], 1 : out.size] > indicators[rows[0], : out.size - 1]

    cheating = dataclasses.replace(again.strategy, signal=tomorrow)
    (told,) = leaks(dataclasses.replace(again, strategy=cheating), 2000)
    assert "moves when bars from" in told

    def dice(indicators, rows, params, out):
        out[:] = rolls.integers(0, 2, out.size)

    rolls = np.random.default_rng(0)
    random = dataclasses.replace(again.strategy, signal=dice)
    (told,) = leaks(dataclasses.replace(again, strategy=random), 2000)
    assert "differs when the same bars are run again" in told
