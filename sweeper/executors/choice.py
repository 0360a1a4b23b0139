"""Which executor a sweep runs on, ready to run."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sweeper.config import Config
from sweeper.executors import Executor
from sweeper.executors.inline import InlineExecutor

INLINE_SECONDS = 5.0
"""Estimated work below which `auto` stays in this process: Ray takes about as long to start."""


@dataclass(frozen=True)
class Chosen:
    """An executor, and what the user is told of it.

    Attributes:
        executor: connected.
        workers: how many blocks it runs at a time.
        words: where that is.
    """

    executor: Executor
    workers: int
    words: str


@contextmanager
def chosen(config: Config, seconds: float, label: str, folder: Path) -> Iterator[Chosen]:
    """The executor that a config asks for; Ray is shut down at the end if it was started here.

    Args:
        config: its `executor` and `ray` are read.
        seconds: the estimated processor time, for `auto`.
        label: names the workers in Ray's dashboard.
        folder: where Tune may keep files while it runs; all nodes must see it.

    Raises:
        ValueError: no Ray can be reached at `ray.address`.
    """
    wanted = config.executor
    if wanted == "auto":
        small = seconds < INLINE_SECONDS and config.ray.address is None
        wanted = "inline" if small else "ray"
    if wanted == "inline":
        why = ", too little for Ray to pay" if config.executor == "auto" else ""
        yield Chosen(InlineExecutor(), 1, f"in this process{why}")
        return
    from sweeper.executors.cluster import connect  # late: Ray takes two seconds to import
    from sweeper.executors.ray import RayExecutor

    with connect(config.ray) as cluster:
        shared = folder if config.ray.address else None  # a local Tune keeps its own files
        executor = RayExecutor(cluster.workers, label, config.search.mode, shared, cluster.room)
        yield Chosen(executor, cluster.workers, f"on {cluster.workers} Ray workers")
