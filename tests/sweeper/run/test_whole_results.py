"""An experiment shows all runs of its plan, whoever has made them, and whatever was killed."""

import dataclasses
import io
import itertools
import json
import os
import re
import shutil
import signal

import pytest
from rich.console import Console

from store.files import local
from store.ledger import ledger, verify
from store.maintenance import deletion, verification
from store.query.results import Results
from store.records import experiment as records
from store.report.build_view import collect
from store.runs.blocks import write_block
from store.runs.columns import ORIGIN
from store.runs.manifest import entry
from store.runs.parquet import encode
from store.runs.plain import run_dicts
from store.terminal.leaderboard import leaderboard
from store.trackers.publication import gather
from store.transfer.export import export
from store.transfer.import_experiment import take_in
from sweeper.evaluate.earlier_runs import bring
from sweeper.run.driver import sweep_cells
from sweeper.terminal.watcher import Terminal
from tests.sweeper.planned import make_cell, make_plan

pytestmark = pytest.mark.slow

COMMAND = ["python", "-m", "sweeper", "-m"]
SLOW = "params.slow=range(16,40,4)"
GRIDS = {
    "low": ("params.fast=range(5,12)", SLOW),
    "high": ("params.fast=range(9,18)", "params.slow=range(24,48,4)"),
    "whole": ("params.fast=range(5,18)", "params.slow=range(16,48,4)"),
}
"""Three grids that overlap; the defaults, 20 and 50, lie in none of them."""

ORDERS = list(itertools.permutations(GRIDS))
TEN = re.compile(r"exp-\d{8}-\d{6}-[0-9a-f]{4}")


def sweep(root, grid, **sections):
    cell = make_cell(*GRIDS[grid], store={"root": str(root)}, executor="inline", **sections)
    return sweep_cells([cell], COMMAND, Terminal())


def bare(value, root):
    """JSON types without what tells one store from another: ids, times, who has made a run."""
    text = TEN.sub("ID", json.dumps(value, default=str)).replace(str(root), "ROOT")
    drop = {"created", "finished", "seconds", "history", "counts", "files", "elsewhere", "ever"}
    drop |= {"facts", "equity", "noise_sharpe", *ORIGIN.names}

    def kept(one):
        if isinstance(one, dict):
            return {key: kept(item) for key, item in one.items() if key not in drop}
        return [kept(item) for item in one] if isinstance(one, list) else one

    return kept(json.loads(text))


def rows(root, experiment):
    """The bytes of all rows by run number, without ids and origins."""
    table = Results(root).runs(experiment.id).sort_by("run")
    return encode(table.drop_columns(["experiment_id", *ORIGIN.names]).combine_chunks())


def exported(root, experiment, folder):
    """The lines of the CSV by run, without ids and origins."""
    (path,) = export(root, [experiment], folder, "csv")
    heading, *lines = [line.split(",") for line in path.read_text().splitlines()]
    dropped = {"experiment_id", *ORIGIN.names}
    keep = [place for place, name in enumerate(heading) if name.strip('"') not in dropped]
    return sorted([line[place] for place in keep] for line in lines)


def text_of(page):
    console = Console(width=200, file=io.StringIO())
    console.print(page)
    return console.file.getvalue()


def seen(root, experiment, folder):
    """All that is shown of an experiment, by what shows it."""
    results, ref = Results(root), experiment.id
    board = text_of(leaderboard(results, ref)).partition("On bars without skill")[0]
    view = dataclasses.asdict(collect(root, ref))
    shown = {
        "top": run_dicts(results.top("sharpe", 50, ref)),
        "best": run_dicts(results.best(ref, 7)),
        "standings": results.standings(ref, 7),
        "baseline": results.standings(ref, baseline=True),
        "points": results.points(ref).sort_by("run").to_pylist(),
        "suggestion": {**(results.suggestion(ref) or {}), "noise_sharpe": None, "advice": ""},
        "summary": {**results.summary(ref), "suggestion": None},
        "run": results.show(f"{ref}/best"),
        "report": {**view, "suggestion": None, "steps": None},
        "tracked": [dataclasses.asdict(run) for run in gather(results, ref, 5, folder).runs],
        "leaderboard": board,
        "csv": exported(root, experiment, folder),
    }
    return {name: bare(value, root) for name, value in shown.items()}


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """The whole grid swept at once: its store and its record."""
    root = tmp_path_factory.mktemp("once") / "results"
    return root, sweep(root, "whole")


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_three_overlapping_sweeps_in_any_order_show_what_one_shows(order, once, tmp_path):
    root = tmp_path / "results"
    whole = {name: sweep(root, name) for name in order}["whole"]
    assert rows(root, whole) == rows(*once)
    assert seen(root, whole, tmp_path / "a") == seen(*once, tmp_path / "b")
    assert whole.counts["planned"] == once[1].counts["planned"]
    assert whole.counts["planned"] == whole.counts["done"] + whole.counts["skipped"]
    assert ledger.counts(root) == ledger.counts(once[0]), "each counted once"
    assert verification.verify(root).faults == verify.verify(root) == []


def test_the_second_half_of_a_split_grid_shows_both(tmp_path):
    """With several windows, and on several symbols."""
    split = {"split": {"kind": "walk_forward", "train": 100, "test": 60}}
    first, whole = (sweep(tmp_path / "r", grid, **split) for grid in ("low", "whole"))
    alone = sweep(tmp_path / "alone", "whole", **split)
    assert rows(tmp_path / "r", whole) == rows(tmp_path / "alone", alone)
    runs = Results(tmp_path / "r").runs(whole.id, ["origin", "origin_run", "config_hash"])
    copies = runs.filter(runs["origin"].is_valid()).to_pylist()
    assert {one["origin"] for one in copies} == {first.id}
    assert len(copies) == first.counts["planned"] == whole.counts["skipped"]
    by_run = {
        run["run"]: run["config_hash"]
        for run in Results(tmp_path / "r").runs(first.id, ["run", "config_hash"]).to_pylist()
    }
    assert all(by_run[one["origin_run"]] == one["config_hash"] for one in copies)


def test_whoever_made_a_run_first_is_its_origin(tmp_path):
    first, whole = sweep(tmp_path, "low"), sweep(tmp_path, "whole")
    again = sweep(tmp_path, "high")
    runs = Results(tmp_path).runs(again.id, ["origin", "params.fast", "params.slow", "baseline"])
    for run in runs.to_pylist():
        low = run["params.fast"] < 12 and run["params.slow"] < 40
        assert run["origin"] == (first if low or run["baseline"] else whole).id
    every = Results(tmp_path).top("sharpe", 1000)
    assert len(every) == whole.counts["planned"], "each run once, where all are ranked"
    assert set(every["origin"].to_pylist()) == {None}


def test_copies_stay_when_the_experiment_that_made_the_runs_is_deleted(once, tmp_path):
    first, whole = sweep(tmp_path, "low"), sweep(tmp_path, "whole")
    assert deletion.consequences(tmp_path, first.id) == [
        f"{whole.id} keeps copies of the runs that it made of the same plans"
    ]
    deletion.delete(tmp_path, first.id)
    assert rows(tmp_path, whole) == rows(*once)
    every = Results(tmp_path).top("sharpe", 1000)
    assert len(every) == whole.counts["planned"]
    assert set(every["origin"].to_pylist()) == {None, first.id}
    assert ledger.counts(tmp_path) == ledger.counts(once[0])


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_an_exported_experiment_is_whole_by_itself(form, once, tmp_path):
    root, other = tmp_path / "r", tmp_path / "other"
    sweep(root, "low")
    whole = sweep(root, "whole")
    (path,) = export(root, [whole], tmp_path / "out", form)
    taken = take_in(other, path)
    assert rows(other, taken) == rows(*once)
    assert verification.verify(other).faults == []
    assert ledger.counts(other) == ledger.counts(once[0])


def killed(action, sync):
    """Run it in another process that is killed before it syncs number `sync`; whether it was."""
    child = os.fork()
    if not child:
        calls, real = itertools.count(1), local.sync

        def counted(path):
            if next(calls) == sync:
                os.kill(os.getpid(), signal.SIGKILL)
            real(path)

        local.sync = counted
        try:
            action()
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status)


@pytest.mark.kill
def test_killed_at_any_instant_it_ends_with_the_same_rows(once, tmp_path):
    kills, first = 0, sweep(tmp_path / "low", "low")
    for sync in itertools.count(1):
        root = tmp_path / f"{sync}"
        shutil.copytree(tmp_path / "low", root)
        if not killed(lambda root=root: sweep(root, "whole"), sync):
            break
        kills += 1
        if sync % 3 == 0:  # what has made some of the runs is gone by then
            deletion.delete(root, first.id)
        whole = sweep(root, "whole")
        assert rows(root, whole) == rows(*once), sync
        assert whole.counts["planned"] == whole.counts["done"] + whole.counts["skipped"]
        assert ledger.counts(root) == ledger.counts(once[0])
        assert verification.verify_experiment(root, whole.id).faults == []
    assert kills > 10


def test_an_experiment_that_vanishes_while_it_is_copied_is_no_loss(once, tmp_path, monkeypatch):
    sweep(tmp_path, "low")
    gone = sweep(tmp_path, "high")
    asked = []

    def late(root, experiment, plan):
        asked.append(list(experiment.history.origins))
        deletion.delete(root, gone.id)
        return bring(root, experiment, plan)

    monkeypatch.setattr("sweeper.run.driver.bring", late)
    whole = sweep(tmp_path, "whole")
    assert gone.id in asked[0]
    assert rows(tmp_path, whole) == rows(*once)
    assert set(Results(tmp_path).runs(whole.id)["origin"].to_pylist()) != {None}


def test_what_an_older_checkout_left_out_is_brought_in_by_the_same_command(once, tmp_path):
    """It kept the runs of its plan that others had made nowhere."""
    first, whole = sweep(tmp_path, "low"), sweep(tmp_path, "whole")
    results = Results(tmp_path)
    own = results.runs(whole.id)
    made_of_the_record = ("fill", "initial_capital")
    own = own.filter(own["origin"].is_null())
    own = own.drop_columns([*ORIGIN.names, *made_of_the_record])
    merged = tmp_path / "v1" / whole.id / "runs.parquet"
    file = write_block(tmp_path / "aside", 0, own)
    (tmp_path / file.name).rename(merged)
    files = {merged.name: dataclasses.replace(entry(file), blocks=whole.files[merged.name].blocks)}
    history = dataclasses.replace(whole.history, brought=None)
    records.save(tmp_path, dataclasses.replace(whole, history=history, files=files))
    assert len(Results(tmp_path).runs(whole.id)) < len(own) + first.counts["planned"]
    assert sweep(tmp_path, "whole").id == whole.id
    assert rows(tmp_path, whole) == rows(*once)
    assert verification.verify(tmp_path).faults == []


def test_the_baseline_in_the_grid_is_one_configuration(tmp_path, capsys):
    cell = make_cell("params.fast=20", "params.slow=50", store={"root": str(tmp_path)})
    one = sweep_cells([cell], COMMAND, Terminal())
    words = " ".join(capsys.readouterr().out.split())
    assert "2 configurations, the baselines among them, on SYN-TREND, SYN-GARCH" in words
    assert records.configurations(one) == one.counts["planned"] == 2
    plan = make_plan(make_cell("params.fast=5,20", "params.slow=50,60"))
    assert plan.groups[0].runs == 4
    random = make_plan(
        make_cell(
            "params.fast=range(19,22)", "params.slow=range(49,52)",
            search={"kind": "random", "n": 9},
        )
    )  # fmt: skip
    assert random.groups[0].runs == 9


def test_the_sweep_just_run_is_the_latest_whatever_the_clock_says(tmp_path, monkeypatch, capsys):
    first = sweep(tmp_path, "low")
    ahead = dataclasses.replace(first, created="2199-01-01T00:00:00.000000+00:00")
    records.save(tmp_path, ahead)
    capsys.readouterr()
    second, third = sweep(tmp_path, "high"), sweep(tmp_path, "whole")
    words = " ".join(capsys.readouterr().out.split())
    assert f"Note: the clock is behind the start of {first.id}; this experiment is dated" in words
    assert [one.id for one in records.every(tmp_path)] == [third.id, second.id, first.id]
    assert Results(tmp_path).resolve("latest").experiment.id == third.id
