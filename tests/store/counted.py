"""Experiments whose runs have chosen keys, for the tests of the ledger."""

from datetime import UTC, datetime, timedelta

import numpy as np

from store.files.paths import experiment_folder
from store.ledger import ledger
from store.ledger.tried_keys import Subject
from store.records import experiment as records
from store.records.experiment import Experiment
from store.runs.blocks import write_block
from store.runs.manifest import with_committed
from tests.store.made_runs import SEARCH, error_table, finish, group_of, run_table

NASDAQ = Subject("NASDAQ", "ab" * 32, "sma")
SP500 = Subject("SP500", "cd" * 32, "sma")
GROUP_RUNS = 1000
NOW = datetime(2026, 1, 2, tzinfo=UTC)


def started(root, subjects=(NASDAQ, SP500), number=0):
    """A running experiment with a group for each subject, and nothing in it."""
    when = NOW + timedelta(seconds=number)
    groups = [
        group_of(subject._asdict(), first_run=place * GROUP_RUNS, runs=3, windows=[{}])
        for place, subject in enumerate(subjects)
    ]
    facts = {"name": "x", "created": records.timestamp(when), "search": SEARCH, "groups": groups}
    return records.create(root, Experiment(id=records.new_id(when), **facts))


def commit(root, experiment, number, tried, group=0, kind="blocks", **columns):
    """Commit a block of runs with these numbers as their keys; the record does not list it."""
    first, n = group * GROUP_RUNS + 20 * number, len(tried)
    if kind == "errors":
        table = error_table(experiment.id, first, n)
    else:
        table = run_table(experiment.id, first, n, **columns)
    place = table.schema.get_field_index("tried")
    values = table.schema.field("tried"), np.array(tried, np.uint64)[None, :]
    write_block(
        experiment_folder(root, experiment.id) / kind,
        number,
        table.set_column(place, values[0], list(values[1])),
    )


def ended(root, experiment, status="done"):
    """What a sweep does at its end."""
    ledger.record(root, experiment.id)
    return finish(root, with_committed(root, records.load(root, experiment.id)), status=status)


def swept(root, tried, subject=NASDAQ, number=0):
    """A whole sweep of one block."""
    experiment = started(root, [subject], number)
    commit(root, experiment, 0, tried)
    return ended(root, experiment)
