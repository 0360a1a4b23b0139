"""References of the command line: a REF names an experiment, or one of its runs.

exp-20260102-030405-ab12        an experiment
exp-20260102-030405-ab12/42     its run number 42
exp-20260102-030405-ab12/best   its best run by the metric that it searched for; with several
                                windows the first train window of its best configuration
latest, latest/42, latest/best  the same, of the newest experiment
3fa9c1                          the run whose config hash starts so: 6 or more hex digits
demo, demo/42, demo/best        the same, of the newest experiment that was named so; an id,
                                `latest` and a config hash come before a name
"""

import difflib
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from store.commands import store_line
from store.errors import AlsoNamed, AmbiguousReference, UnknownReference
from store.files.arrow_types import Column, Dataset
from store.files.paths import check_name
from store.records import experiment as records
from store.records.experiment import Experiment, objective
from store.records.run_numbering import Layout
from store.runs.ranking import best_configurations
from store.runs.reader import Shelf
from store.runs.requirement import KEY, Requirement

SHOWN = 5
"""Most candidates that a message lists."""

_WHOLE_ID = re.compile(r"exp-\d{8}-\d{6}-[0-9a-f]{4}")
_PREFIX = re.compile(r"[0-9a-f]{6,64}")


@dataclass(frozen=True, slots=True)
class Reference:
    """Experiment or run that a REF names; `run` is None for the experiment as a whole."""

    experiment: Experiment
    run: int | None

    def __str__(self) -> str:
        return self.experiment.id if self.run is None else f"{self.experiment.id}/{self.run}"


def resolve(shelf: Shelf, text: str) -> Reference:
    """The experiment or run that `text` names.

    Raises:
        UnknownReference: nothing has that name; the message lists near matches.
        AmbiguousReference: a hash prefix of several configurations; it lists them.
        BadName: not the form of a name, such as `../x`.
    """
    head, slash, tail = text.strip(" ").partition("/")
    if not _PREFIX.fullmatch(head):  # a whole hash is longer than a name may be
        check_name(head, "REF")
    if (own := _by_whole_id(shelf, head)) is not None:
        return Reference(own, _run(shelf, own, tail) if slash else None)
    experiments = records.every(shelf.root)
    if not experiments:
        raise UnknownReference(f"{text}: there is no experiment in {shelf.root} yet; run a sweep")
    by_id = {experiment.id: experiment for experiment in experiments} | {"latest": experiments[0]}
    by_name = {experiment.name: experiment for experiment in reversed(experiments)}
    named = by_id.get(head)
    if named is None and _PREFIX.fullmatch(head) and not slash:
        by_hash = _by_hash(shelf, experiments, head, refuse=head not in by_name)
        if by_hash is not None:
            _say_other(head, by_name, f"the start of the config hash of {by_hash}")
            return by_hash
    if named is not None:
        _say_other(head, by_name, named.id)
    named = named or by_name.get(head)
    if named is not None:
        return Reference(named, _run(shelf, named, tail) if slash else None)
    near = difflib.get_close_matches(head, [*by_id, *by_name], n=3, cutoff=0.5)
    listed = store_line("list", root=shelf.root)
    hint = f"did you mean {' or '.join(near)}?" if near else f"`{listed}` shows them"
    raise UnknownReference(
        f"{head}: is no experiment, nor a config-hash prefix of 6 or more hex digits; {hint}"
    )


def _by_whole_id(shelf: Shelf, head: str) -> Experiment | None:
    """The experiment of a whole id, without reading the records of all others; None without."""
    if not _WHOLE_ID.fullmatch(head):
        return None
    try:
        return records.load(shelf.root, head)
    except UnknownReference:
        return None  # the general search says what is near


def _say_other(head: str, by_name: Mapping[str, Experiment], taken: str) -> None:
    """Warn when a REF could have been meant as a name."""
    other = by_name.get(head)
    if other is not None and other.id != taken:
        message = f"{head}: is taken for {taken}; it is also the name of {other.id}"
        warnings.warn(message, AlsoNamed, stacklevel=3)


def _run(shelf: Shelf, experiment: Experiment, tail: str) -> int:
    """The run number after the slash, when there is such a run."""
    if tail == "best":
        metric, descending = objective(experiment)
        layout, require = Layout.of(experiment.groups), Requirement.of(experiment.search)
        best = shelf.read(
            experiment.id,
            lambda runs: best_configurations(runs, layout, metric, 1, descending, {}, require),
        )
        if len(best) == 0:
            wanted = f"meets {KEY} {str(require)!r}" if require else f"has a {metric} yet"
            raise UnknownReference(f"{experiment.id}/best: no run of it {wanted}")
        runs = best["run"].to_numpy()
        return int(runs[layout.first_trains(runs)][0])
    if not re.fullmatch(r"\d{1,18}", tail):
        raise UnknownReference(
            f"{experiment.id}/{tail[:40]}: after the slash comes a run number or best"
        )
    numbers = shelf.read(experiment.id, lambda runs: _column(runs, "run"))
    if int(tail) not in numbers:
        span = f"{numbers.min()} to {numbers.max()}" if numbers.size else "none yet"
        raise UnknownReference(f"{experiment.id}/{tail}: there is no such run; it has {span}")
    return int(tail)


def _by_hash(
    shelf: Shelf, experiments: list[Experiment], prefix: str, *, refuse: bool
) -> Reference | None:
    """The run whose config hash starts so; None when there is none, unless that is refused."""
    matches: dict[str, Reference] = {}
    for experiment in experiments:
        for digest, run in _starting_with(shelf, experiment, prefix):
            matches.setdefault(digest, Reference(experiment, run))  # the newest comes first
    if len(matches) == 1:
        return next(iter(matches.values()))
    if matches:
        raise AmbiguousReference(
            f"{prefix}: is the start of {len(matches)} config hashes; add digits: {_list(matches)}"
        )
    if not refuse:
        return None
    near = {
        digest: Reference(experiment, run)
        for experiment in experiments
        for digest, run in _starting_with(shelf, experiment, prefix[:4])
    }
    top = store_line("top", "sharpe", root=shelf.root)
    hint = f"near matches: {_list(near)}" if near else f"`{top}` shows some"
    raise UnknownReference(f"{prefix}: no config hash starts so; {hint}")


def _starting_with(shelf: Shelf, experiment: Experiment, prefix: str) -> Iterator[tuple[str, int]]:
    """Hash and run number of the runs whose config hash starts with the hex digits `prefix`."""
    table = shelf.read(experiment.id, lambda runs: runs.to_table(columns=["config_hash", "run"]))
    matching = table.take(np.flatnonzero(_starts(_bytes(table["config_hash"]), prefix)))
    for digest, run in zip(matching["config_hash"], matching["run"], strict=True):
        yield digest.as_py().hex(), run.as_py()


def _starts(hashes: NDArray[np.uint8], prefix: str) -> NDArray[np.bool_]:
    whole = np.frombuffer(bytes.fromhex(prefix[: len(prefix) // 2 * 2]), np.uint8)
    keep: NDArray[np.bool_] = (hashes[:, : whole.size] == whole).all(axis=1)
    if len(prefix) % 2:
        keep &= hashes[:, whole.size] >> 4 == int(prefix[-1], 16)
    return keep


def _bytes(column: Column) -> NDArray[np.uint8]:
    """(n, 32) bytes of a chunked array of fixed_size_binary(32) without nulls."""
    parts = [np.zeros((0, 32), np.uint8)]
    for chunk in column.chunks:
        values = np.frombuffer(chunk.buffers()[1], np.uint8).reshape(-1, 32)
        parts.append(values[chunk.offset : chunk.offset + len(chunk)])
    return np.concatenate(parts)


def _column(runs: Dataset, name: str) -> NDArray[np.int64]:
    column: NDArray[np.int64] = runs.to_table(columns=[name])[name].to_numpy()
    return column


def _list(references: dict[str, Reference]) -> str:
    shown = [
        f"{digest[:16]} ({reference})" for digest, reference in list(references.items())[:SHOWN]
    ]
    return ", ".join(shown) + (", ..." if len(references) > SHOWN else "")
