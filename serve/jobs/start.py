"""Starting and ending jobs: one sweep at a time, the same words the same job."""

import fcntl
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from serve.jobs.folder import Job, job_id, running
from serve.problems import Problem
from store.commands import override
from store.records.experiment import timestamp

MOST_RUNS = 10_000_000
"""Of a sweep that is asked for over HTTP."""
PLAN_SECONDS = 120.0
RETRY_SECONDS = 5
HERE = Path(__file__).resolve().parents[2]
"""The checkout, from which the sweep is run."""
_RUNS = re.compile(r"([\d,]+) runs?\b")


def preflight(root: Path, words: Sequence[str]) -> str:
    """The plan of a sweep as the command line shows it before it starts; nothing is written.

    Raises:
        Problem: the command line refuses it, in its words, or it has more than MOST_RUNS runs.
    """
    plan = planned(root, words)
    lines = [line for line in plan.splitlines() if "; window" in line]
    runs = sum(int(_RUNS.findall(line)[-1].replace(",", "")) for line in lines)
    if runs > MOST_RUNS:
        raise Problem(
            422,
            f"overrides: ask for {runs:,} runs, at most {MOST_RUNS:,} are started over HTTP; "
            "narrow the ranges, or use search=random",
            more={"runs": runs},
        )
    return plan


def planned(root: Path, words: Sequence[str]) -> str:
    """The words of a dry run.

    Raises:
        Problem: the command line refuses it, in its words.
    """
    command = [sys.executable, "-m", "sweeper", "-m", *words, _place(root), "dry_run=true"]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PLAN_SECONDS, env=_environment(),
            stdin=subprocess.DEVNULL, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Problem(422, f"overrides: planning takes more than {PLAN_SECONDS:g} s") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        raise Problem(422 if done.returncode == 2 else 503, lines[-1])
    return done.stdout


def same(root: Path, words: Sequence[str]) -> Job | None:
    """The job of the same words, if it runs or is done."""
    job = Job(root, job_id([*words, _place(root)]))
    asked_before = (job.folder / "job.json").is_file()
    return job if asked_before and job.state in ("running", "done") else None


def start(root: Path, words: Sequence[str]) -> Job:
    """Start a sweep.

    Raises:
        Problem: another one runs: 429 with Retry-After.
    """
    own = [*words, _place(root)]
    return launch(Job(root, job_id(own)), {"words": own}, {})


def launch(job: Job, asked: Mapping[str, object], files: Mapping[str, bytes]) -> Job:
    """Start the process of a job, once it is the only one that runs.

    Args:
        job: its place.
        asked: what `job.json` says, next to when.
        files: further files of its folder.

    Raises:
        Problem: another one runs: 429 with Retry-After.
    """
    root = job.root
    job.folder.mkdir(parents=True, exist_ok=True)
    with (root / "jobs" / "running").open("a+") as lock:
        if not _locked(lock.fileno()):
            raise Problem(
                429,
                f"sweeps: one at a time, {running(root) or 'another'} runs; ask again later",
                {"Retry-After": str(RETRY_SECONDS)},
            )
        for name in ("exit", "cancel"):
            (job.folder / name).unlink(missing_ok=True)
        for name, content in files.items():
            (job.folder / name).write_bytes(content)
        whole = {**asked, "created": timestamp(datetime.now(UTC))}
        (job.folder / "job.json").write_text(json.dumps(whole), encoding="utf-8")
        job.log.touch()
        lock.truncate(0)
        lock.write(job.id)
        lock.flush()
        watcher = subprocess.Popen(
            [sys.executable, "-m", "serve.jobs.watcher", str(job.folder), str(lock.fileno())],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock.fileno()],
            start_new_session=True,
            cwd=HERE,
            env=_environment(),
        )
    # Who waits for it takes its exit code, which the system keeps until then.
    threading.Thread(target=watcher.wait, name=job.id, daemon=True).start()
    return job


def cancel(job: Job) -> None:
    """Ask a job to end; what is done stays, and the same words go on from there.

    Raises:
        Problem: it has ended.
    """
    if (state := job.state) != "running":
        raise Problem(409, f"{job.id}: is {state}; only one that runs can be cancelled")
    (job.folder / "cancel").touch()


def _place(root: Path) -> str:
    """The store by its whole path: a sweep starts in the checkout, not where the server does."""
    return override("store.root", str(root))


def _locked(descriptor: int) -> bool:
    """True once the lock is ours; who only looks holds it for an instant, so a few tries."""
    for _ in range(20):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.01)
        else:
            return True
    return False


def _environment() -> dict[str, str]:
    """Environment of a sweep: lines whole, and written as they are printed."""
    return {**os.environ, "COLUMNS": "240", "PYTHONUNBUFFERED": "1"}
