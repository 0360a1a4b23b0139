"""An experiment repeated on drawn bars: counted right, reproducible, and telling gates apart."""

import dataclasses
import json
from functools import partial
from itertools import islice

import numpy as np
import pytest
from scipy.stats import binom
from typer.testing import CliRunner

from promote.candidates.redrawn_sweeps import expected_sharpes, redrawn
from promote.candidates.redrawn_sweeps import planted as plant
from promote.candidates.selection import Needs, select
from promote.cli.app import app
from promote.gate import preset
from promote.gate.evidence.options import Question
from promote.gate.judge import KEPT
from promote.gate.null_sweep import LEFT_OUT, Tally, judged, measurable, null_sweep, subject
from promote.gate.verdict import Verdict
from promote.statistics import proportion
from store.errors import StoreError
from store.registry import open_registry
from store.resampling.null_bars import Edge
from sweeper.sweep import sweep_cells
from tests.promote.swept import planted_bars, sweep
from tests.sweeper.planned import make_cell

pytestmark = pytest.mark.slow

STANDARD = measurable(preset.load("standard"))
TREND = Edge(5.0, 252.0, persistence=15)


@pytest.fixture(scope="module")
def original(planted):
    return subject(planted.root, "latest")


def last(tallies):
    *_, found = tallies
    return found


def swept_null(original, limits=STANDARD, replicas=6, **options):
    return last(null_sweep(original, limits, Question(), replicas=replicas, seed=3, **options))


@pytest.fixture(scope="module")
def without_skill(original):
    """Six replicas without an edge."""
    return swept_null(original)


@pytest.fixture(scope="module")
def with_edge(original):
    """Six replicas with one."""
    return swept_null(original, edge=TREND)


# The interval


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [(0, 100, 0.0, 0.036217), (1, 10, 0.002529, 0.445016), (10, 10, 0.691503, 1.0)],
)
def test_the_interval_of_clopper_and_pearson(count, n, low, high):
    found = proportion(count, n)
    assert found == pytest.approx((count / n, low, high), abs=1e-6)


@pytest.mark.parametrize("rate", [0.005, 0.03, 0.5, 0.9])
def test_the_interval_holds_the_true_rate_as_often_as_it_says(rate):
    counts = np.arange(61)
    held = [low <= rate <= high for _, low, high in (proportion(int(k), 60) for k in counts)]
    assert binom.pmf(counts[held], 60, rate).sum() >= 0.95


@pytest.mark.parametrize(
    ("count", "n", "confidence"), [(-1, 5, 0.95), (6, 5, 0.95), (0, 0, 0.95), (1, 5, 1.0)]
)
def test_what_is_no_share_is_refused(count, n, confidence):
    with pytest.raises(ValueError, match=r"count: need|confidence: must"):
        proportion(count, n, confidence)


# The tally


def test_a_check_alone_is_told_from_one_among_others():
    def verdict(check, passed, warning=False, reason="why"):
        return Verdict(check, passed, 1.0, 1.0, "", reason, warning)

    tally = Tally()
    tally.add([verdict("spa", False), verdict("holdout", False, reason=KEPT)])
    tally.add([verdict("spa", False), verdict("pbo", False)])
    tally.add([verdict("spa", True), verdict("pbo", False, warning=True)])
    tally.add(iter([verdict("pbo", False, warning=True)]))
    assert tally.to_dict() == {
        "replicas": 4,
        "promoted": 1,
        **proportion(1, 4)._asdict(),
        "rejected": {"spa": 2, "pbo": 1},
        "alone": {"spa": 1},
    }


# The sweep


def test_a_replica_is_the_same_sweep_on_other_bars(original, planted):
    (own,) = original.samples
    (drawn,) = redrawn(original.samples, (1, 2), None)
    assert not drawn.stored
    assert drawn.frame.index.equals(own.frame.index)
    assert drawn.candidates is own.candidates
    assert drawn.span == own.span
    assert drawn.blocks.sums.shape == own.blocks.sums.shape
    assert (drawn.metric("sharpe") != own.metric("sharpe")).mean() > 0.9
    assert len(planted.experiment.groups) == 1


def test_symbols_are_drawn_each_for_itself_and_once(tmp_path):
    grid = ("params.fast=range(2,5)", "params.slow=range(10,16,2)")
    store = {"root": str(tmp_path)}
    sweep_cells([make_cell(*grid, store=store, executor="inline")], ["python"])
    first, second = redrawn(subject(tmp_path, "latest").samples, (0, 0), None)
    assert not np.array_equal(first.frame["close"], second.frame["close"])
    twice = redrawn([first, first], (0, 0), None)
    assert twice[0].frame is twice[1].frame


def test_the_same_seed_counts_the_same_and_more_continues_fewer(original, with_edge):
    begun = null_sweep(original, STANDARD, Question(), replicas=99, seed=3, edge=TREND)
    assert dataclasses.asdict(last(islice(begun, 6))) == dataclasses.asdict(with_edge)


def test_a_gate_without_limits_promotes_all_and_standard_hardly_any(
    original, without_skill, with_edge
):
    lax = preset.Preset("lax", {"min_sharpe": -99.0})
    assert swept_null(original, lax).promoted == 6
    assert without_skill.promoted == 0
    assert without_skill.rate.high < 0.5
    assert "spa" in without_skill.rejected
    assert not set(LEFT_OUT) & set(without_skill.rejected)
    assert with_edge.promoted >= 4


def test_two_processes_count_what_one_counts(original, without_skill):
    both = swept_null(original, workers=2)
    assert dataclasses.asdict(both) == dataclasses.asdict(without_skill)


def test_nothing_is_recorded_of_holdouts_that_were_drawn(original, planted):
    before = open_registry(planted.root).holdout_uses()
    assert swept_null(original, preset.Preset("h", {"holdout": -99.0, "holdout_uses": 1})).promoted
    assert open_registry(planted.root).holdout_uses() == before


def test_time_ends_it_after_one_at_least(original):
    assert swept_null(original, seconds=1e-9).replicas == 1
    assert swept_null(original, replicas=2, seconds=1e9).replicas == 2


def test_the_planted_edge_is_the_best_configurations(original):
    edge = plant(original.samples, 1.5, 15, seed=1, draws=60)
    assert edge.persistence == 15
    assert edge.sharpe > 1.5, "nobody foresees the drift"
    total = sum(
        redrawn(original.samples, (2, 0, number), edge)[0].metric("sharpe") for number in range(100)
    )
    assert np.nanmax(total) / 100 == pytest.approx(1.5, abs=0.25)


def test_where_little_is_asked_for_a_weaker_drift_is_found(original, monkeypatch):
    """A best that earns twice the drift: what is planted is found between it and nothing."""
    monkeypatch.setattr(
        "promote.candidates.redrawn_sweeps._best_expected",
        lambda samples, edge, *_: 2 * edge.sharpe,
    )
    assert plant(original.samples, 1.0, None, seed=1).sharpe == pytest.approx(0.5, abs=0.01)


def test_expected_sharpe_ratios_are_means_of_two_halves_of_the_draws(original):
    halves = expected_sharpes(original.samples, TREND, seed=4, draws=3)
    drawn = [
        redrawn(original.samples, (4, 1, number), TREND)[0].metric("sharpe") for number in range(3)
    ]
    np.testing.assert_allclose(halves[0], (drawn[0] + drawn[2]) / 2)
    np.testing.assert_allclose(halves[1], drawn[1])


def test_an_edge_that_nobody_can_use_is_refused(planted, tmp_path):
    sweep(
        tmp_path / "results",
        planted.bars,
        "params.fast=2",
        "params.slow=4,6",
        costs={"commission": 0.02},
    )
    slow = subject(tmp_path / "results", "latest")
    with pytest.raises(ValueError, match=r"edge 3: no configuration reaches it .* lasts 1 bars"):
        plant(slow.samples, 3.0, 1.0, seed=1, draws=2)
    assert plant(slow.samples, 3.0, None, seed=1, draws=2).persistence is None, "it can be held"


# What is selected


@pytest.mark.parametrize("by", ["plateau", "sharpe"])
def test_what_trades_too_seldom_is_not_selected(original, by):
    (sample,) = original.samples
    trades = sample.metric("trades")
    sharpes = np.where(trades >= np.median(trades), sample.metric("sharpe"), -np.inf)
    chosen, place = select(original.samples, by, Needs(float(np.median(trades))))
    assert chosen is sample
    assert trades[place] >= np.median(trades)
    assert by == "plateau" or place == sharpes.argmax()
    nobody = Needs(float(trades.max()) + 1)
    assert select(original.samples, by, nobody) == select(original.samples, by)


def test_the_floor_is_that_of_the_preset(original, planted):
    floor = float(np.median(original.samples[0].metric("trades")))
    limits = {"min_trades": floor}
    judgement = planted.judged(log=None, gate="s1", select_by="sharpe", limits=limits)
    assert judgement.evidence["run"]["metrics"]["trades"] >= floor
    found = judged(original, original.samples, preset.Preset("p", limits), Question())
    assert [one.passed for one in found] == [True]


# The verb


@pytest.fixture
def verb(planted, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    words = ("--root", str(planted.root))
    return lambda *own: CliRunner().invoke(app, ["null-sweep", *own, *words])


def test_the_verb_tells_rates_and_checks(verb, monkeypatch):
    monkeypatch.setattr("promote.cli.null_sweep.EVERY", 0.0)
    monkeypatch.setattr("promote.candidates.redrawn_sweeps.planted", partial(plant, draws=3))
    ended = verb("--replicas", "3", "--edge", "2", "--persistence", "15", "--gate", "s1")
    assert ended.exit_code == 0, ended.output
    assert "repeated on bars without skill, 61 configurations each" in ended.stdout
    assert "Gate s1, with clean_tree off." in ended.stdout
    assert "Promoted by luck: 0 of 3, 0.0 % (95 % interval 0.0 to 70.8)." in ended.stdout
    assert "Promoted where the best has a Sharpe of 2: " in ended.stdout
    assert "rejects the edge" in ended.stdout
    assert "null-sweep: 3 of 3 without skill, 0 promoted; 0 s left" in ended.stderr
    assert "null-sweep: looking for the drift that makes the best 2" in ended.stderr


def test_the_verb_in_json(verb):
    words = ("--replicas", "9", "--minutes", "1e-9", "--set", "min_sharpe=-9", "--json")
    told = json.loads(verb(*words).stdout)
    assert told["asked"] == 9
    assert told["null"]["replicas"] == 1
    assert told["null"]["low"] == 0.0 < told["null"]["high"] < 1.0
    assert told["edge"] is None
    assert told["changed"]["min_sharpe"] == -9
    assert told["changed"]["verify"] is None
    assert "Stopped by --minutes before all 9" in verb(*words[:-1]).stdout


def test_the_store_keeps_what_it_came_to(verb, planted):
    before = len(open_registry(planted.root).null_sweeps())
    shown = json.loads(verb("--replicas", "1", "--seed", "7", "--json").stdout)
    *_, event = open_registry(planted.root).null_sweeps()
    assert len(open_registry(planted.root).null_sweeps()) == before + 1
    assert {"experiment": event.subject, **event.facts} == shown
    assert verb("--replicas", "0").exit_code == 2
    assert len(open_registry(planted.root).null_sweeps()) == before + 1


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--replicas", "0"), "--replicas: must be 1 or more, got 0"),
        (("--edge", "-1"), "--edge: must be above 0 and below 100, got -1"),
        (("--edge", "nan"), "--edge: must be above 0 and below 100, got nan"),
        (("--persistence", "0.5"), "--persistence: must be 0, or 1 or more, got 0.5"),
        (("--seed", "-1"), "--seed: must be 0 or more, got -1"),
        (("--minutes", "0"), "--minutes: must be above 0, got 0"),
        (("--gate", "none"), "gate: no preset none"),
        (("--select-by", "luck"), "nothing is selected by 'luck'"),
        (("--baseline", "latest"), "a baseline is a run"),
        (("exp-none",), "exp-none: is no experiment"),
        (("latest/3",), "latest/3: names a run"),
    ],
)
def test_bad_input_is_2_and_one_line(verb, words, line):
    ended = verb(*words)
    assert ended.exit_code == 2
    assert line in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert ended.stdout == ""


def test_bars_that_have_changed_are_said(planted, tmp_path):
    bars = planted_bars(tmp_path / "bars" / "EDGE.parquet", bars=600)
    sweep(tmp_path / "results", bars)
    planted_bars(bars, seed=8, bars=600)
    with pytest.raises(StoreError, match="no longer those of the experiment"):
        subject(tmp_path / "results", "latest")
