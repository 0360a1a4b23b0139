"""The record of an experiment: experiment.json, replaced whole at every change.

Readers believe this file alone: a Parquet file that it does not list is not part of the
experiment. It carries a digest of its own (`store.files.sealed_documents`), which every reader
compares; records of earlier versions have none, and get one when they are next saved.
"""

import dataclasses
import json
import secrets
import typing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import UnionType
from typing import Any

from store.errors import DamagedFile, StoreError, UnknownReference
from store.files import backend, sealed_documents
from store.files.backend import Place, Root
from store.files.lock import replace_record
from store.files.paths import (
    RECORD,
    check_name,
    experiment_folder,
    experiments_folder,
    is_name,
    run_files,
)
from store.files.typed_json import JsonRecord
from store.records.declared import DeclaredRecord
from store.records.files import FileRecord
from store.records.group import GroupRecord
from store.records.history import HistoryRecord

VERSION = 1
STATUSES = ("running", "done", "interrupted", "failed")
EDITABLE = ("description", "hypothesis", "expected_impact")
"""The texts that `store.query.annotations` puts over those of the record."""

MOST_KEPT = 2048
"""Records that a process keeps at most; a command reads all of its store several times."""

LARGEST_KEPT = 50_000
"""Bytes of a record that is kept at most: those of hundreds of symbols are read each time."""

_kept: dict[Place, tuple[bytes, "Experiment"]] = {}
"""By their paths, with the bytes that they were read from."""

_LATER: dict[str, object] = {"history": {}, "expected_impact": "", "luck": {}, "declared": {}}
"""Fields that records of older checkouts lack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment(JsonRecord):
    """One multirun: its plan, what became of it, and its files.

    Attributes:
        schema_version: of this record.
        id: `exp-YYYYMMDD-HHMMSS-xxxx`, UTC.
        name: what the user calls it; description, hypothesis, expected_impact and tags are the
            user's words, too, and may be edited later: see `store.query.annotations`.
        status: running, done, interrupted or failed.
        created: ISO 8601, UTC, as `timestamp` writes it; experiments are ordered by it.
        finished: the same; None while it runs.
        command: the command line that started it.
        config: the composed config, resolved.
        plan_hash: equal for two experiments that would do the same work.
        search: kind, seed, n, metric and mode (max or min).
        groups: what was composed: a cell on a symbol each.
        counts: planned, done, skipped, failed and pruned runs; the skipped ones were made by
            earlier experiments, and are among its rows.
        noise_sharpe: the luck line, `mean` of `luck`; of records without `luck` a formula's figure
            that nothing shows any more. None when it was not measured.
        luck: what `store.luck.record.Luck` says of it; empty when it was not measured.
        history: what the store held when it started.
        declared: size and limits that were on record before the first run.
        data: per symbol its source, fingerprint, timeframe, bars, first, last,
            periods_per_year and quality.
        versions: kernel, schema, python, cpu (that kernels were compiled for), code (git commit or
            None), ...
        host: the machine that drove it.
        seconds: wall-clock time spent.
        files: every Parquet file by its relative name.

    Values are as JSON gives them back: lists, not tuples; str keys; no NaN, no infinity.
    """

    schema_version: int = VERSION
    id: str
    name: str
    description: str = ""
    hypothesis: str = ""
    expected_impact: str = ""
    tags: list[str] = field(default_factory=list)
    status: str = "running"
    created: str
    finished: str | None = None
    command: list[str] = field(default_factory=list)
    config: dict[str, Any] = field(default_factory=dict)
    plan_hash: str = ""
    search: dict[str, Any] = field(default_factory=dict)
    groups: list[GroupRecord] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    noise_sharpe: float | None = None
    luck: dict[str, object] = field(default_factory=dict)
    history: HistoryRecord = field(default_factory=HistoryRecord)
    declared: DeclaredRecord = field(default_factory=DeclaredRecord)
    data: dict[str, dict[str, Any]] = field(default_factory=dict)
    versions: dict[str, object] = field(default_factory=dict)
    host: str = ""
    seconds: float = 0.0
    files: dict[str, FileRecord] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.id, "experiment id")
        if self.status not in STATUSES:
            raise ValueError(f"status: must be one of {', '.join(STATUSES)}, got {self.status!r}")


def timestamp(now: datetime) -> str:
    """An aware datetime as the records write it: fixed width, so that text sorts as time."""
    return now.astimezone(UTC).isoformat(timespec="microseconds")


def new_id(now: datetime) -> str:
    """An id for an experiment that starts at `now`, an aware datetime."""
    return f"exp-{now.astimezone(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


def objective(experiment: Experiment) -> tuple[str, bool]:
    """The metric that the search looked at, and whether its highest value is the best."""
    metric, mode = experiment.search.get("metric"), experiment.search.get("mode")
    if not isinstance(metric, str) or mode not in ("max", "min"):
        raise StoreError(
            f"{experiment.id}: search needs a metric and a mode of max or min, got {metric!r} "
            f"and {mode!r}; mend {RECORD}"
        )
    return metric, mode == "max"


def configurations(experiment: Experiment) -> int:
    """Number of different configurations an experiment has tried, on each symbol by itself.

    A baseline that is a point of the search is one of them, not one more. While a learning search
    runs it is what may be proposed, afterwards what was.
    """
    return sum(group.runs // len(group.windows) for group in experiment.groups)


def is_whole(experiment: Experiment) -> bool:
    """True when all runs of its plan that were not made again are among its own rows.

    Not so until they are copied, and in experiments of older checkouts, which left them out.
    """
    return not experiment.history.origins or experiment.history.brought is not None


def create(root: Root, experiment: Experiment) -> Experiment:
    """Make the experiment's folder and record.

    Returns:
        The experiment as recorded. When its id is taken (two may start in one second) it has
        another one: use what is returned.
    """
    content = to_text(experiment)
    folder = experiment_folder(root, experiment.id)
    if not backend.names(folder):
        for name in ("blocks", "errors"):
            backend.make_folder(folder / name)
        if backend.put_if_absent(folder / RECORD, content):
            return experiment
    fresh = f"{experiment.id.rpartition('-')[0] or 'exp'}-{secrets.token_hex(2)}"
    return create(root, dataclasses.replace(experiment, id=fresh))


def save(root: Root, experiment: Experiment) -> None:
    """Replace the record in one step; it survives a power cut once this has returned.

    Raises:
        Driven: this process drove the experiment, until another one took it over.
    """
    replace_record(experiment_folder(root, experiment.id) / RECORD, to_text(experiment))


def to_text(experiment: Experiment) -> bytes:
    """Text that `parse` reads; formatted for people once the experiment has ended."""
    indent = None if experiment.status == "running" else 2
    try:
        text = json.dumps(sealed_documents.sealed(experiment.to_json()), indent=indent)
    except ValueError as error:
        raise ValueError(
            f"{experiment.id}: a record holds no NaN or infinite number ({error}); use null"
        ) from error
    return (text + "\n").encode()


def digest_of(experiment: Experiment) -> str:
    """The digest that the record carries once saved, 64 hex digits; its files' are in it."""
    return str(json.loads(to_text(experiment))[sealed_documents.SEAL])


def stated_digest(root: Root, experiment_id: str) -> str:
    """The digest in the file of a record, which `load` has checked; "" where there is none.

    Not always `digest_of`: a checkout with more fields would write another one.
    """
    path = experiment_folder(root, experiment_id) / RECORD
    return str(sealed_documents.read(path).get(sealed_documents.SEAL, ""))


def load(root: Root, experiment_id: str) -> Experiment:
    """The record of an experiment.

    Raises:
        UnknownReference: there is none.
        DamagedFile: it is not what `save` wrote.
        StoreError: a newer checkout wrote it.
    """
    path = experiment_folder(root, experiment_id) / RECORD
    try:
        content = backend.content(path)
    except FileNotFoundError:
        raise UnknownReference(f"{experiment_id}: there is no such experiment in {root}") from None
    unchanged = _kept.get(path)
    if unchanged is not None and unchanged[0] == content:
        run_files(root, experiment_id, unchanged[1].files)
        return _own(unchanged[1])
    values = sealed_documents.parse(path, content)
    experiment = _experiment(path, values)
    if experiment.id != experiment_id:
        raise DamagedFile(f"{path}: is the record of {experiment.id}; give the folder that name")
    run_files(root, experiment_id, experiment.files)
    sealed_documents.check_seal(path, values)  # last: what is wrong with a field says more
    _keep(path, content, experiment)
    return _own(experiment)


def _keep(path: Place, content: bytes, experiment: Experiment) -> None:
    if len(content) > LARGEST_KEPT:
        return
    if len(_kept) >= MOST_KEPT:
        _kept.pop(next(iter(_kept)), None)
    _kept[path] = content, experiment


def _own(experiment: Experiment) -> Experiment:
    """The same record with counts and files of its own: a sweep keeps its tally there."""
    return dataclasses.replace(
        experiment, counts=dict(experiment.counts), files=dict(experiment.files)
    )


def every(root: Root) -> list[Experiment]:
    """All experiments, newest first; none when there is no store yet."""
    folder = experiments_folder(root)
    ids = [name for name in backend.names(folder) if is_name(name)]
    loaded = backend.each(lambda name: _load_if_any(root, name), ids, folder)
    experiments = [experiment for experiment in loaded if experiment is not None]
    return sorted(
        experiments, key=lambda experiment: (experiment.created, experiment.id), reverse=True
    )


def _load_if_any(root: Root, experiment_id: str) -> Experiment | None:
    """None of a folder without a record: killed while it was made."""
    try:
        return load(root, experiment_id)
    except UnknownReference:
        return None


def just_after(experiment: Experiment) -> datetime:
    """The earliest time at which an experiment may be created that comes after another one."""
    return datetime.fromisoformat(experiment.created) + timedelta(milliseconds=1)


def find(root: Root, plan_hash: str) -> Experiment | None:
    """The newest experiment with this plan, whatever its status; None when there is none."""
    return next(
        (experiment for experiment in every(root) if experiment.plan_hash == plan_hash), None
    )


def parse(path: Place, text: bytes) -> Experiment:
    """The record that a file at `path` holds as `text`; its digest is the caller's to check.

    Raises:
        DamagedFile: it is no record.
        StoreError: it is one of a later checkout.
    """
    return _experiment(path, sealed_documents.parse(path, text))


def _experiment(path: Place, values: object) -> Experiment:
    version = values.get("schema_version") if isinstance(values, dict) else None
    if isinstance(version, int) and version > VERSION:
        raise StoreError(
            f"{path}: has schema_version {version}, this checkout reads up to {VERSION}; "
            "update the checkout"
        )
    if isinstance(values, dict):
        values = {name: value for name, value in values.items() if name != sealed_documents.SEAL}
        values = _LATER | values
    if fault := _fault(values):
        raise DamagedFile(f"{path}: {fault}; restore it from a copy")
    try:
        return Experiment.from_json(values)
    except ValueError as error:
        raise DamagedFile(f"{path}: {error}; restore it from a copy") from error


def _fault(values: object) -> str:
    """Fault of the fields of a record, or nothing."""
    if not isinstance(values, dict):
        return f"holds a {type(values).__name__}, not an object"
    names = {field.name for field in dataclasses.fields(Experiment)}
    for name in sorted(names ^ values.keys()):
        return f"{'has no' if name in names else 'has an unknown'} field {name!r}"
    return ""


def fits(value: object, hint: Any) -> bool:
    """True when a JSON value is of a field's type; only the outermost type is looked at."""
    if isinstance(hint, UnionType):
        return any(fits(value, part) for part in typing.get_args(hint))
    kind = dict if typing.is_typeddict(hint) else typing.get_origin(hint) or hint
    if kind is float:
        return isinstance(value, int | float) and not isinstance(value, bool)
    return isinstance(value, kind)
