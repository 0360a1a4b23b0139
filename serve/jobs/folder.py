"""Where jobs lie below a store, and what is read of one.

ROOT/jobs/running             locked by the process of the one sweep that runs; holds its id
ROOT/jobs/job-HASH/job.json   what was asked, when
                   log        what the sweep printed; events are its lines
                   exit       its exit code, once it has ended
                   cancel     there when somebody has asked it to end

A job is named by a hash of its words: the same words are the same job. Nothing here is looked
through to find the running one.
"""

import fcntl
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from serve.problems import Problem
from store.errors import StoreError
from store.luck.record import Luck
from store.luck.sentences import line as luck_line
from store.records import experiment as records

_ID = re.compile(r"job-[0-9a-f]{16}")
_EXPERIMENT = re.compile(r"\bexp-\d{8}-\d{6}-[0-9a-f]{4}\b")
_LINE = re.compile(
    r"(?P<done>[\d,]+)/(?P<total>[\d,]+) runs \(\d+ %\)"
    r"(?:, (?P<eta>[\d:]+|\?) left, (?P<rate>[\d,.]+) runs/s)?"
    r"(?:, best \S+ (?P<best>\S+) \((?P<label>.*)\))?(?:, (?P<failed>[\d,]+) failed)?"
)
_PROGRESS = re.compile(r"^[\d,]+/[\d,]+ runs \(\d+ %\).*$", re.MULTILINE)
TAIL = 1 << 16
STATES = {0: "done", 2: "refused", 130: "cancelled", 143: "cancelled"}
"""States by exit code of the sweep; others are failed."""


@dataclass(frozen=True)
class Job:
    """One sweep asked for over HTTP."""

    root: Path
    id: str

    @property
    def folder(self) -> Path:
        """The folder of this job."""
        return self.root / "jobs" / self.id

    @property
    def log(self) -> Path:
        """File of all that its sweep printed."""
        return self.folder / "log"

    @property
    def asked(self) -> dict[str, object]:
        """`words` and `created`."""
        read: dict[str, object] = json.loads((self.folder / "job.json").read_text(encoding="utf-8"))
        return read

    @property
    def state(self) -> str:
        """running, done, refused, cancelled, failed, or lost: killed together with its watcher."""
        if running(self.root) == self.id:
            return "running"
        try:
            return STATES.get(int((self.folder / "exit").read_text()), "failed")
        except (FileNotFoundError, ValueError):
            return "lost"

    def experiment(self) -> str | None:
        """Id of its experiment, which the sweep prints first; None before."""
        with self.log.open("rb") as file:
            matched = _EXPERIMENT.search(file.read(TAIL).decode(errors="replace"))
        return None if matched is None else matched[0]

    def progress(self) -> str:
        """The last line on progress; empty before the first."""
        with self.log.open("rb") as file:
            file.seek(max(0, self.log.stat().st_size - TAIL))
            matched = _PROGRESS.findall(file.read().decode(errors="replace"))
        return str(matched[-1]) if matched else ""


def job_id(words: Sequence[str]) -> str:
    """The id of the job of some words."""
    return f"job-{hashlib.sha256(json.dumps(list(words)).encode()).hexdigest()[:16]}"


def find(root: Path, name: str) -> Job:
    """A job by its id.

    Raises:
        Problem: there is none.
    """
    job = Job(root, name)
    if not _ID.fullmatch(name) or not (job.folder / "job.json").is_file():
        raise Problem(404, f"{name[:60]}: there is no such job; POST /sweeps makes one")
    return job


def running(root: Path) -> str | None:
    """Id of the job that runs; None when none does.

    Its process holds a lock that ends with it, however it ends, and that a server which was
    started later sees as well as the one that started it.
    """
    try:
        with (root / "jobs" / "running").open("r") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return file.read().strip()
    except FileNotFoundError:
        pass
    return None


def status(job: Job) -> dict[str, Any]:
    """Everything that is said of a job: state, counts, progress in words, the luck line."""
    state = job.state
    experiment = job.experiment()
    answer: dict[str, object] = {
        "id": job.id,
        "state": state,
        **job.asked,
        "experiment": experiment,
    }
    progress = job.progress()
    answer |= {"progress": progress, **numbers_of(progress), "luck": None}
    try:
        record = None if experiment is None else records.load(job.root, experiment)
    except StoreError:  # before it is written
        record = None
    if record is not None:
        luck = Luck.of(record)
        counts = record.counts
        answer |= {"counts": counts, "seconds": record.seconds, "name": record.name}
        answer["over"] = sum(number for name, number in counts.items() if name != "planned")
        if state != "running":
            answer |= {"done": answer["over"], "total": counts["planned"]}
        answer["luck"] = None if luck is None else luck_line(luck)
    if state in ("refused", "failed"):
        answer["detail"] = last_line(job)
    return answer


def numbers_of(progress: str) -> dict[str, Any]:
    """Numbers of a line on progress.

    Returns:
        `done` and `total` runs; `rate`, runs a second; `eta`, seconds left; `best` value of the
        search metric so far and `best_label`, its configuration. None where it does not say.
    """
    matched = _LINE.match(progress)
    numbers = matched.groupdict() if matched else dict.fromkeys(_LINE.groupindex)
    eta, rate = numbers["eta"], numbers["rate"]
    return {
        "done": _whole(numbers["done"]),
        "total": _whole(numbers["total"]),
        "rate": float(rate.replace(",", "")) if rate else None,
        "eta": _seconds(eta) if eta and eta != "?" else None,
        "best": float(numbers["best"]) if numbers["best"] else None,
        "best_label": numbers["label"],
    }


def _whole(text: str | None) -> int | None:
    return None if text is None else int(text.replace(",", ""))


def _seconds(clock: str) -> int:
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return seconds


def last_line(job: Job) -> str:
    """The last line that it printed."""
    lines = job.log.read_bytes()[-TAIL:].decode(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""
