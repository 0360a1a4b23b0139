"""Events of a sweep: their order, what they hold, and that nothing is printed but by a watcher."""

import json

import pytest

from store.records import experiment as experiments
from sweeper.config.error_text import Interrupted
from sweeper.run.cancel import Cancel
from sweeper.run.driver import sweep_cells
from sweeper.run.events import (
    Failed,
    Finished,
    Noted,
    Planned,
    Started,
    Stopped,
    as_json,
    to_all,
)
from sweeper.run.tally import Tally
from sweeper.sweep import sweep
from tests.sweeper.planned import GRID, make_cell

COMMAND = ("python", "-m", "sweeper", "-m", *GRID)


@pytest.fixture
def swept(tmp_path, monkeypatch):
    """Sweeps a grid in blocks of some runs; gives the events and what was raised."""
    monkeypatch.setattr("sweeper.evaluate.calibration.MAX_BLOCK_RUNS", 16)

    def run(watch=lambda event: None, cancel=None, **sections):
        events = []
        given = {"store": {"root": str(tmp_path)}, "executor": "inline", **sections}
        cells = [make_cell(*GRID, **given)]
        try:
            sweep_cells(cells, COMMAND, to_all(events.append, watch), cancel=cancel)
        except (Interrupted, ValueError) as error:
            return events, error
        return events, None

    return run


def names(events):
    """Names of the events, each run of blocks as one."""
    kinds = [type(event).__name__ for event in events]
    return [kind for place, kind in enumerate(kinds) if kinds[place - 1 : place] != [kind]]


def test_they_come_in_the_order_of_the_page_and_nothing_is_printed(swept, capsys):
    events, _ = swept()
    assert names(events) == ["Planned", "Started", "BlockDone", "Merging", "Finished"]
    assert capsys.readouterr() == ("", "")
    again, _ = swept()
    assert names(again) == ["AlreadyDone", "Finished"]


def test_the_blocks_add_up_to_the_plan(swept):
    events, _ = swept()
    planned = next(event for event in events if isinstance(event, Planned))
    tally = Tally()
    for event in events:
        tally(event)
    done = [event.runs for event in events if type(event).__name__ == "BlockDone"]
    assert sum(done) == planned.plan.runs == planned.left == tally.snapshot.done
    assert tally.snapshot.best == max(event.best_metric for event in events[2:-2])
    assert events[-1].experiment.counts["done"] == sum(done)


def test_a_dry_run_ends_with_its_plan(swept, tmp_path):
    events, _ = swept(dry_run=True)
    assert names(events) == ["Planned"]
    assert events[0].dry_run
    assert list(tmp_path.iterdir()) == []


def test_a_cancelled_sweep_stops_within_a_block_and_goes_on(swept, tmp_path):
    cancel = Cancel()
    events, error = swept(lambda e: type(e).__name__ == "BlockDone" and cancel.set(), cancel)
    assert names(events) == ["Planned", "Started", "BlockDone", "Stopped"]
    assert sum(type(event).__name__ == "BlockDone" for event in events) == 1
    assert isinstance(error, Interrupted)
    (record,) = experiments.every(tmp_path)
    assert events[-1] == Stopped(record.id, "cancel()", str(error))
    assert record.status == "interrupted"
    later, _ = swept()
    started = next(event for event in later if isinstance(event, Started))
    assert started.over == record.counts["done"] > 0
    assert later[-1].experiment.id == record.id
    assert later[-1].experiment.status == "done"


def test_one_that_is_cancelled_before_it_starts_writes_nothing(swept, tmp_path):
    cancel = Cancel()
    cancel.set()
    events, error = swept(cancel=cancel)
    assert events == [Stopped(None, "cancel()", str(error))]
    assert list(tmp_path.iterdir()) == []


def test_bad_input_is_one_event_before_and_after_composing(swept, tmp_path):
    events, error = swept(split={"kind": "train_test", "test": 2})
    assert events == [Failed(None, type(error).__name__, str(error))]
    events = []
    with pytest.raises(ValueError, match="has no such parameter") as raised:
        sweep("params.fats=3,4", f"store.root={tmp_path}", on_event=events.append)
    assert events == [Failed(None, "ValueError", str(raised.value))]


def test_a_watcher_that_raises_ends_the_sweep_as_failed_and_it_goes_on(swept, tmp_path):
    def fail(event):
        if type(event).__name__ == "BlockDone":
            raise ValueError("my own fault")

    events, error = swept(fail)
    assert str(error) == "my own fault"
    (record,) = experiments.every(tmp_path)
    assert record.status == "failed"
    assert events[-1] == Failed(record.id, "ValueError", "my own fault")
    assert swept()[0][-1].experiment.id == record.id


def test_every_event_is_json(swept):
    events, _ = swept()
    events += [Noted("waits"), Failed(None, "ValueError", "no"), Stopped(None, "", "Stopped")]
    plain = [json.loads(json.dumps(as_json(event))) for event in events]
    assert [each["event"] for each in plain] == [type(event).__name__ for event in events]
    assert plain[0]["runs"] == events[0].plan.runs
    assert plain[0]["luck"].startswith("On bars without skill the best of these")
    (finished,) = [event for event in events if isinstance(event, Finished)]
    assert {"event": "Finished", "report": None}.items() <= as_json(finished).items()
