"""A driver that merges the blocks of an experiment, while it runs and at its end, and may die."""

import os
from itertools import count
from pathlib import Path

from store.records import experiment as records
from store.runs import segments
from store.runs.compaction import compact

DIED = 9
MANY = 4


def merge(root, experiment_id):
    """What a sweep's driver does with its blocks: gather, save, drop; at the end compact."""
    segments.MANY = MANY
    experiment, old = records.load(root, experiment_id), []
    while (found := segments.gather(root, experiment)) is not experiment:
        segments.drop(root, experiment_id, old)
        old = [name for name in experiment.files if name not in found.files]
        records.save(root, found)
        experiment = found
    segments.drop(root, experiment_id, old)
    compact(root, experiment_id)


def die_at(step, root, experiment_id):
    """The same, as if the power went before the step-th call that changes the disk for good."""
    steps = count()
    for name in ("fsync", "replace", "link", "unlink", "mkdir"):
        setattr(os, name, _deadly(getattr(os, name), steps, step))
    merge(Path(root), experiment_id)


def _deadly(call, steps, last):
    def counted(*args, **options):
        if next(steps) == last:
            os._exit(DIED)
        return call(*args, **options)

    return counted
