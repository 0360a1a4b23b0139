"""The gate end to end, on small sweeps made by the engine."""

import dataclasses
import io
import json
import shutil

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from kernels import KERNEL_VERSION
from kernels.registry import load as load_strategy
from promote.candidates import rerun
from promote.candidates.candidates import Candidates
from promote.cli.judgement_page import judgement_page
from promote.gate import preset
from promote.gate.judge import Judgement
from store.errors import RegistryUnavailable, StoreError, UnknownReference
from store.files.paths import experiment_folder, ledger_folder
from store.query.results import Results
from store.records import experiment as experiments
from store.registry import open_registry
from store.replay import configuration
from store.replay.replay import Replay
from store.runs import parquet
from store.terminal.leaderboard import leaderboard
from tests.promote.swept import Swept, failures, planted_bars, sweep, verdicts

pytestmark = pytest.mark.usefixtures("committed")


@pytest.fixture(scope="module")
def idle(tmp_path_factory):
    """A sweep on bars without an edge."""
    folder = tmp_path_factory.mktemp("idle")
    bars = planted_bars(folder / "EDGE.parquet", sharpe=0.0)
    return Swept(folder / "results", bars, sweep(folder / "results", bars))


def test_an_edge_is_promotable(planted, tmp_path):
    judgement = planted.copied(tmp_path).judged()
    assert judgement.passed, failures(judgement)
    assert [one.check for one in judgement.verdicts][:2] == ["clean_tree", "verify"]
    assert {"test_gap", "permutation"}.isdisjoint(verdicts(judgement))
    evidence = judgement.evidence
    assert evidence["tried"] == evidence["configurations"] == planted.experiment.counts["done"]
    assert 1 <= evidence["independent"] <= evidence["tried"]
    assert evidence["holdout"]["looks"] == evidence["holdout"]["configurations"] == 1
    assert evidence["window"][1] < evidence["holdout"]["window"][0]
    assert judgement.ref == evidence["run"]["ref"]


def test_a_holdout_by_date_is_judged_on_the_bars_from_that_day_on(planted, tmp_path):
    bars = pd.read_parquet(planted.bars)
    day = str(bars["time"].iloc[1900])[:10]
    dated = sweep(tmp_path / "results", planted.bars, holdout=day)
    evidence = Swept(tmp_path / "results", planted.bars, dated).judged().evidence
    assert evidence["window"][1].startswith(str(bars["time"].iloc[1899])[:10])
    first, last = (str(bars["time"].iloc[place])[:10] for place in (1900, -1))
    assert [text[:10] for text in evidence["holdout"]["window"]] == [first, last]
    assert (dated.config["holdout"], dated.groups[0].development_bars) == (day, 1900)


def test_the_gate_says_the_luck_line_of_the_leaderboard(planted, tmp_path):
    swept = planted.copied(tmp_path)
    judgement = swept.judged(gate="s0")
    console = Console(file=io.StringIO(), width=1_000)
    console.print(leaderboard(Results(swept.root)), judgement_page(judgement))
    assert console.file.getvalue().count(judgement.evidence["luck"]) == 2
    assert judgement.evidence["luck"].startswith("On bars without skill the best of these ")


def test_a_judgement_is_strict_json(planted, tmp_path):
    judgement = planted.copied(tmp_path).judged(gate="s0")
    told = json.loads(judgement.to_json())
    assert told["passed"] is False
    assert [one["observed"] for one in told["verdicts"]] == [None, None]
    assert told["verdicts"][0]["word"] == "FAIL"
    assert told["evidence"]["holdout"] is None


def test_luck_is_not_promotable_and_spends_no_holdout(idle, tmp_path):
    swept = idle.copied(tmp_path)
    judgement = swept.judged()
    assert not judgement.passed
    assert {"spa", "evidence", "holdout"} <= failures(judgement)
    assert verdicts(judgement)["deflated_sharpe"].word == "WARN"
    for name in ("holdout", "evidence"):
        assert "kept" in verdicts(judgement)[name].reason
    assert "holdout_uses" not in verdicts(judgement)
    assert judgement.evidence["holdout"] is None
    assert open_registry(swept.root).holdout_uses() == []


def test_without_a_check_nothing_is_promotable(planted):
    empty = Judgement("x/1", preset.Preset("none", {}), (), {})
    assert not empty.passed
    none = planted.judged(gate="s0", limits={"uplift_sharpe": None, "uplift_return": None})
    assert not none.passed


# The holdout


def test_a_second_configuration_on_the_holdout_warns(planted, tmp_path):
    swept = planted.copied(tmp_path)
    first = swept.judged()
    again = swept.judged(first.ref)
    assert verdicts(again)["holdout_uses"].passed
    assert again.evidence["holdout"]["looks"] == 2
    other = swept.judged(select_by="sharpe")
    assert other.ref != first.ref
    assert verdicts(other)["holdout_uses"].word == "WARN"
    assert other.passed


class Log:
    """Remembers what was recorded, and refuses when it is told to."""

    def __init__(self, error=None):
        self.uses, self.error = [], error

    def use_holdout(self, use):
        if self.error:
            raise self.error
        self.uses.append(use)
        return len(self.uses)

    def holdout_uses(self, symbol, fingerprint):
        return self.uses


def test_a_look_is_on_record_before_it_is_taken(planted, monkeypatch):
    log, seen = Log(), []
    evaluate = Replay.evaluate

    def watched(self, windows):
        seen.append((windows[0][1] == self.series.n_bars, len(log.uses)))
        return evaluate(self, windows)

    monkeypatch.setattr(Replay, "evaluate", watched)
    assert planted.judged(log=log).passed
    assert [recorded for holdout, recorded in seen if holdout] == [1]
    assert log.uses[0].symbol == "EDGE"


@pytest.mark.parametrize("log", [None, Log(RegistryUnavailable("the registry does not answer"))])
def test_a_look_that_cannot_be_recorded_is_not_taken(planted, log, monkeypatch):
    evaluate = Replay.evaluate

    def watched(self, windows):
        assert windows[0][1] < self.series.n_bars
        return evaluate(self, windows)

    monkeypatch.setattr(Replay, "evaluate", watched)
    judgement = planted.judged(log=log)
    assert failures(judgement) == {"holdout", "evidence"}
    assert judgement.evidence["holdout"] is None


def test_without_a_holdout_there_is_no_promotion(planted, tmp_path):
    experiment = sweep(tmp_path / "results", planted.bars, holdout=0.0)
    judgement = Swept(tmp_path / "results", planted.bars, experiment).judged()
    assert "kept no bars unseen" in verdicts(judgement)["holdout"].reason
    assert "holdout" in failures(judgement)


def test_a_holdout_that_another_sweep_has_read_is_none(planted, tmp_path):
    swept = planted.copied(tmp_path)
    peeked = sweep(swept.root, swept.bars, "params.fast=3", "params.slow=30,40", holdout=0.0)
    judgement = swept.judged(swept.experiment.id)
    assert failures(judgement) == {"holdout", "evidence"}
    assert f"{peeked.id} has swept bars" in verdicts(judgement)["holdout"].reason


# What does not repeat


def test_another_strategy_file_fails_verify(planted, monkeypatch):
    changed = dataclasses.replace(load_strategy("sma"), source_hash="0" * 64)
    monkeypatch.setattr("store.replay.configuration.load_strategy", lambda name: changed)
    verdict = verdicts(planted.judged(log=None))["verify"]
    assert (verdict.passed, verdict.observed) == (False, 1)
    assert "the file of sma has changed" in verdict.reason


def test_another_kernel_fails_verify(planted, monkeypatch):
    for module in (configuration, rerun):
        monkeypatch.setattr(module, "KERNEL_VERSION", f"{KERNEL_VERSION}-later")
    told = f"kernel version {KERNEL_VERSION}-later, then {KERNEL_VERSION}"
    assert told in verdicts(planted.judged(log=None))["verify"].reason


@pytest.mark.parametrize(
    ("part", "told"), [("metrics", "total_return of dev"), ("block_sum", "block sums")]
)
def test_one_bit_fails_verify(planted, monkeypatch, part, told):
    evaluate = Replay.evaluate

    def off(self, windows):
        found = evaluate(self, windows)
        values = getattr(found, part).copy()
        values.flat[0] = np.nextafter(values.flat[0], values.dtype.type(np.inf))
        return dataclasses.replace(found, **{part: values})

    monkeypatch.setattr(Replay, "evaluate", off)
    verdict = verdicts(planted.judged(log=None))["verify"]
    assert verdict.observed == 1
    assert told in verdict.reason


def test_other_bars_fail_what_needs_them_by_name(planted, tmp_path):
    bars = tmp_path / "bars" / "EDGE.parquet"
    planted_bars(bars)
    experiment = sweep(tmp_path / "results", bars)
    planted_bars(bars, seed=8)
    judgement = Swept(tmp_path / "results", bars, experiment).judged()
    assert {"verify", "look_ahead", "min_trade_record"} <= failures(judgement)
    assert "no longer those of the experiment" in verdicts(judgement)["verify"].reason
    assert judgement.evidence["window"] is None


def test_a_broken_ledger_fails_what_counts(planted, tmp_path):
    swept = planted.copied(tmp_path)
    shutil.rmtree(ledger_folder(swept.root))
    judgement = swept.judged()
    assert "ledger" in verdicts(judgement)["deflated_sharpe"].reason
    assert {"spa", "evidence", "holdout"} <= failures(judgement)
    assert judgement.evidence["tried"] is None


def rewritten(swept, change):
    """The store with its merged file changed and recorded as if it had been written so."""
    folder = experiment_folder(swept.root, swept.experiment.id)
    path = folder / "runs.parquet"
    record = experiments.load(swept.root, swept.experiment.id)
    content = parquet.encode(change(pq.read_table(path)))
    path.write_bytes(content)
    entry = dataclasses.replace(
        record.files[path.name],
        bytes=len(content),
        sha256=parquet.file_digest(path),
        footer=parquet.footer_digest(path),
    )
    files = {**record.files, path.name: entry}
    experiments.save(swept.root, dataclasses.replace(record, files=files))


def without(table, rows):
    """The table with no block sums in some rows."""
    place = table.schema.get_field_index("block_sum")
    values = [None if row in rows else sums for row, sums in enumerate(table["block_sum"])]
    field = table.schema.field(place)
    return table.set_column(place, field, pa.array(map(plain, values), field.type))


def plain(value):
    return None if value is None else value.as_py()


@pytest.mark.parametrize("kind", ["no column", "none", "one missing"])
def test_block_sums_that_are_missing_fail_what_needs_them_by_name(planted, tmp_path, kind):
    swept = planted.copied(tmp_path)
    rows = {"none": range(10**6), "one missing": (3,)}
    if kind == "no column":
        rewritten(swept, lambda table: table.drop_columns(["block_sum"]))
    else:
        rewritten(swept, lambda table: without(table, rows[kind]))
    judgement = swept.judged()
    found = verdicts(judgement)
    assert {"spa", "evidence"} <= failures(judgement)
    for name in ("spa", "deflated_sharpe", "overfit_loss"):
        assert "block sums" in found[name].reason, found[name].reason
    assert "kept for what passes" in found["holdout"].reason


# Which run, against what


def test_a_named_run_is_judged_beside_all(planted):
    best = Results(planted.root).best()["run"][0].as_py()
    judgement = planted.judged(f"latest/{best}", gate="s1", limits={"max_drawdown": 0.9})
    assert judgement.passed
    assert judgement.ref == f"{planted.experiment.id}/{best}"
    assert judgement.evidence["selected_by"] is None


@pytest.mark.parametrize("by", ["sharpe", "annual_return", "sortino", "calmar"])
def test_the_best_by_a_metric_is_selected(planted, by):
    runs = Results(planted.root).runs("latest", ["run", by]).to_pandas()
    judgement = planted.judged(gate="s1", select_by=by)
    assert judgement.evidence["run"]["run"] == runs["run"][runs[by].idxmax()]
    assert judgement.evidence["selected_by"] == by


def test_an_unknown_way_to_select_is_refused(planted):
    with pytest.raises(ValueError, match="did you mean sharpe"):
        planted.judged(select_by="sharp")


def test_a_baseline_has_to_be_beaten(planted):
    judgement = planted.judged(gate="s0", baseline="defaults")
    assert judgement.evidence["baseline"] == f"{planted.experiment.id}/0"
    found = verdicts(judgement)
    row = Results(planted.root).runs("latest/0", ["sharpe"])["sharpe"][0].as_py()
    run = judgement.evidence["metrics"]
    assert found["uplift_sharpe"].observed == pytest.approx(run["sharpe"] - row, abs=1e-12)
    itself = planted.judged(judgement.ref, gate="s0", baseline=judgement.ref)
    assert verdicts(itself)["uplift_sharpe"].observed == 0


def test_with_a_baseline_its_section_of_the_preset_counts(planted):
    judgement = planted.judged(baseline="buy-and-hold", log=None)
    names = {"uplift_sharpe", "uplift_return", "uplift_chance", "uplift_drawdown"}
    assert names <= set(verdicts(judgement))
    assert all(verdicts(judgement)[name].passed for name in names)
    assert judgement.evidence["baseline"] == "buy-and-hold"


def test_a_baseline_is_a_run(planted):
    with pytest.raises(UnknownReference, match="a baseline is a run"):
        planted.judged(baseline="latest")


def test_defaults_that_the_constraint_bars_are_no_baseline(planted, tmp_path):
    rule = {"constraint": "slow < fast"}
    grid = ("params.fast=40,60", "params.slow=10,20")
    experiment = sweep(tmp_path / "results", planted.bars, *grid, strategy=rule)
    with pytest.raises(UnknownReference, match="no finished run of the strategy's defaults"):
        Swept(tmp_path / "results", planted.bars, experiment).judged(baseline="defaults")


def test_an_experiment_without_a_finished_run_is_refused(planted, tmp_path):
    swept = planted.copied(tmp_path)
    experiments.save(swept.root, dataclasses.replace(swept.experiment, files={}))
    with pytest.raises(UnknownReference, match="no run of it has finished"):
        swept.judged()


def test_a_run_that_did_not_finish_is_refused(planted, monkeypatch):
    monkeypatch.setattr(Candidates, "place", lambda self, experiment, run: None)
    with pytest.raises(UnknownReference, match="was pruned or failed"):
        planted.judged("latest/best")


def test_a_benchmark_that_is_as_good_leaves_nothing(planted):
    best = f"latest/{Results(planted.root).best()['run'][0].as_py()}"
    cash, itself = (
        verdicts(planted.judged(benchmark=one, log=None))["spa"].observed for one in ("cash", best)
    )
    assert cash < 0.05 < itself
    assert verdicts(planted.judged(benchmark="buy-and-hold", log=None))["spa"].observed < 0.05


def test_what_still_runs_is_refused(planted, tmp_path):
    swept = planted.copied(tmp_path)
    experiments.save(swept.root, dataclasses.replace(swept.experiment, status="running"))
    with pytest.raises(StoreError, match="still running"):
        swept.judged()


def test_uncommitted_code_stops_it_unless_allowed(planted, tmp_path, monkeypatch):
    monkeypatch.setattr(
        "promote.audit.git_tree.changed_files", lambda: ("kernels/engine/metrics.py",)
    )
    swept = planted.copied(tmp_path)
    assert failures(swept.judged()) == {"clean_tree", "holdout", "evidence"}
    allowed = swept.judged(allow_dirty=True)
    assert allowed.passed
    assert verdicts(allowed)["clean_tree"].word == "WARN"
    assert allowed.evidence["allow_dirty"]


def test_shuffled_bars_hold_no_such_best(planted, idle):
    assert verdicts(planted.judged(permutations=19, log=None))["permutation"].observed == 0.05
    assert verdicts(idle.judged(permutations=19))["permutation"].observed > 0.05
