"""Experiments as people have edited them: the registry's tags and texts over those of the record.

A record says what a sweep was started with, and stays as it is.
"""

import dataclasses
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from store.files.backend import Root, place
from store.files.paths import registry_file
from store.records.experiment import EDITABLE, Experiment

if TYPE_CHECKING:
    from store.registry import Edits


def read_edits(root: Root) -> "Mapping[str, Edits]":
    """All edits by subject, an experiment's id or `ID/42`; empty when there is no registry yet."""
    if not os.environ.get("DATABASE_URL") and not registry_file(root).exists():
        return {}
    from store.registry import open_registry  # late: 0.3 s, which most looks at a store do not need

    return open_registry(place(root)).edits()


def edited(experiment: Experiment, edits: "Mapping[str, Edits]") -> Experiment:
    """The experiment with its tags and texts as they are now; not to be saved."""
    own = edits.get(experiment.id)
    if own is None:
        return experiment
    texts = {name: getattr(own.note, name) for name in EDITABLE}
    given = {name: text for name, text in texts.items() if text is not None}
    return dataclasses.replace(experiment, tags=own.tagged(experiment.tags), **given)


def words_of(experiment: Experiment, ref: str, edits: "Mapping[str, Edits]") -> dict[str, Any]:
    """Tags and texts, by name, of an experiment or of a run of it, as they are now.

    Args:
        experiment: as its record says.
        ref: its id, or `ID/42`: a run has words of its own only.
        edits: what `read_edits` gives.
    """
    if ref == experiment.id:
        now = edited(experiment, edits)
        return {"tags": now.tags} | {name: getattr(now, name) for name in EDITABLE}
    own = edits.get(ref)
    texts = {name: (getattr(own.note, name) if own else None) or "" for name in EDITABLE}
    return {"tags": own.tagged([]) if own else []} | texts
