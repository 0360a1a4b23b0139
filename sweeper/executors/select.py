"""Which executor a sweep runs on, ready to run."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.files.backend import Place
from sweeper.config.schema import Config
from sweeper.executors import Executor
from sweeper.executors.inline import InlineExecutor
from sweeper.executors.local.executor import LocalExecutor
from sweeper.executors.ray.guest import Host
from sweeper.executors.ray.needs import Asked
from sweeper.executors.ray.runtime_env import in_a_job
from sweeper.spread import cores

INLINE_SECONDS = 1.0
"""Estimated work below which `auto` stays in this process: a second core would gain little."""

LOCAL_SECONDS = 70.0
"""Estimated time of forked processes up to which `auto` takes them: ten times what Ray and Ray Tune
take to start and to stop."""

GUEST_FACTOR = 5.0
"""Times `INLINE_SECONDS` from which on the Ray of this process is used: Ray Tune has to start."""

SAFE_TO_FORK = sys.platform == "linux"
"""Elsewhere libraries of the system, such as macOS's, do not bear a fork: only who asks gets it."""

JOIN_SECONDS = 60.0
"""Work for each worker below which no more are asked for: a node would take as long to join."""


@dataclass(frozen=True)
class Where:
    """Where blocks run.

    Attributes:
        workers: how many blocks at a time.
        words: where that is, for the user.
        forked: in processes that are forked from this one.
    """

    workers: int
    words: str
    forked: bool = False


@dataclass(frozen=True)
class Chosen:
    """An executor, connected, and where it runs.

    Attributes:
        executor: ready to run.
        where: that is.
        show_luck: exports the luck line where the executor has gauges.
    """

    executor: Executor
    where: Where
    show_luck: Callable[[float], None] = lambda _: None


def foresee(config: Config, seconds: float) -> Where:
    """Where `chosen` would run blocks, as far as that is known before Ray is started."""
    _refuse_a_store_that_vanishes(config)
    if (here := _here(config, seconds)) is not None:
        return here
    if (host := Host.around()) is not None:
        workers = Asked.of(config.ray, int(host.cores - host.held), grows=False).workers
        return Where(workers, f"on {workers} workers of the Ray of this process")
    if config.ray.address:
        return Where(1, f"on one core of the cluster at {config.ray.address}")
    workers = Asked.of(config.ray, config.ray.num_cpus or cores(), grows=False).workers
    return Where(workers, f"on {workers} Ray workers")


@contextmanager
def chosen(
    config: Config,
    seconds: float,
    label: str,
    root: Place,
    say: Callable[[str], None],
    check: Callable[[], None],
) -> Iterator[Chosen]:
    """The executor that a config asks for; Ray is shut down at the end if it was started here.

    Args:
        config: its `executor` and `ray` are read.
        seconds: the estimated processor time, for `auto`.
        label: names the workers in Ray's dashboard.
        root: of the store; on a cluster Tune keeps its files there if it is a folder.
        say: shows the user a line while the sweep waits or loses a node.
        check: called several times a second while an executor waits; what it raises ends the run.

    Raises:
        ValueError: no Ray can be reached at `ray.address`, or a job would write to a folder that
            ends with it.
    """
    _refuse_a_store_that_vanishes(config)
    if (here := _here(config, seconds)) is not None:
        yield Chosen(_executor_here(here, label, check), here)
        return
    from sweeper.executors.ray.cluster import connect  # late: Ray takes two seconds to import
    from sweeper.executors.ray.executor import RayExecutor

    with connect(config.ray, say, check, config.name) as cluster:
        there = config.ray.address or cluster.variables is not None
        shared = root if there and isinstance(root, Path) else None
        executor = RayExecutor(
            cluster.workers,
            label,
            config.search.mode,
            shared,
            cluster.room if seconds >= JOIN_SECONDS * cluster.workers else 0,
            cluster.inherits,
            cluster.variables,
            cluster.needs,
            config.ray.namespace,
            say,
            check,
        )
        words = f"on {cluster.workers} Ray workers"
        if cluster.variables is not None:
            words = f"on {cluster.workers} workers of the Ray of this process"
        if cluster.dashboard:
            words += f", dashboard {cluster.dashboard}"
        yield Chosen(executor, Where(cluster.workers, words), executor.show_luck)


def _refuse_a_store_that_vanishes(config: Config) -> None:
    root = config.store.root
    if in_a_job() and not (Path(root).is_absolute() or "://" in root):
        raise ValueError(
            f"store.root: `ray job submit` runs in a temporary copy of the uploaded folder, got "
            f"{root}; give an absolute path that all nodes see, or s3://..."
        )


def _executor_here(here: Where, label: str, check: Callable[[], None]) -> Executor:
    return LocalExecutor(here.workers, label, check) if here.forked else InlineExecutor()


def _here(config: Config, seconds: float) -> Where | None:
    """This machine without Ray, where the config asks for it or leaves it to us; None is Ray."""
    if config.executor == "inline":
        return Where(1, "in this process")
    if config.executor == "local":
        return _forked(_processes(config))
    if config.executor == "ray" or config.ray.address is not None:
        return None
    host = Host.around()
    if host is not None:
        return _beside(host, seconds)
    if os.environ.get("RAY_ADDRESS"):
        return None
    processes = _processes(config)
    if seconds < INLINE_SECONDS:
        return Where(1, "in this process, too little to spread")
    if not SAFE_TO_FORK or seconds / processes > LOCAL_SECONDS:
        return None
    return _forked(processes) if processes > 1 else Where(1, "in this process, on its one core")


def _beside(host: Host, seconds: float) -> Where | None:
    """Where `auto` runs in a process that has a Ray: its cores are Ray's to give."""
    if seconds < GUEST_FACTOR * INLINE_SECONDS:
        return Where(1, "in this process, too little for Ray to pay")
    return Where(1, f"in this process, as {host.unfit}") if host.unfit else None


def _processes(config: Config) -> int:
    """Number of forked processes, one per core unless the config says.

    Raises:
        ValueError: it says less than one.
    """
    workers = config.local.workers
    if workers is not None and workers < 1:
        raise ValueError(f"local.workers: must be >= 1, got {workers}")
    return workers or cores()


def _forked(processes: int) -> Where:
    what = "process" if processes == 1 else "processes"
    return Where(processes, f"on {processes} local {what}", forked=True)
