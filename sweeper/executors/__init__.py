"""Where blocks are evaluated: in this process, in forked ones, or on Ray.

Nothing here imports Ray: `sweeper.executors.ray.executor` is imported only by who chose that
executor, as Ray and Ray Tune cost one to two seconds. Ray reads its own settings when it is
imported, so they are set here, before that; one that is set already is kept.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

_RAY_SETTINGS = {
    "RAY_AIR_NEW_OUTPUT": "0",  # with verbose=0: no tables; the new output prints some all the same
    "RAY_CHDIR_TO_TRIAL_DIR": "0",  # workers stay in the driver's folder
    "RAY_DEDUP_LOGS_SKIP_REGEX": ".",  # a dead worker is our own report, not 60 lines of raylet's
    "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1",  # no CSV, JSON or TensorBoard files
    "TUNE_DISABLE_SIGINT_HANDLER": "1",  # Ctrl-C is KeyboardInterrupt, at once
    "TUNE_GLOBAL_CHECKPOINT_S": "86400",  # the store is the state of a sweep, not Tune
    "TUNE_PRINT_ALL_TRIAL_ERRORS": "0",
    "TUNE_WARN_THRESHOLD_S": "60",  # a loaded machine is no news
}
for _name, _value in _RAY_SETTINGS.items():
    os.environ.setdefault(_name, _value)


WorkT = TypeVar(
    "WorkT"
)  # sweeper.evaluate.block_task.Work; not imported, for the dispatcher needs no kernels
DoneT = TypeVar("DoneT")


class Executor(Protocol):
    """Evaluates blocks and tells the driver of each one as it ends."""

    def run(
        self,
        evaluate: Callable[[WorkT, int], DoneT],
        work: WorkT,
        rounds: Iterable[Sequence[int]],
        watch: Callable[[DoneT], None],
    ) -> None:
        """Evaluate every block of every round once.

        Args:
            evaluate: a function of an importable module; `evaluate(work, number)` writes the
                block's file before it returns and may be repeated for the same block.
            work: whatever `evaluate` needs, picklable; arrays inside arrive read-only.
            rounds: the numbers to evaluate, >= 0 and distinct; a range of any length is cheap. A
                round is asked for when `watch` has been told of every block of the one before: who
                proposes it may learn from those. A list of one round says that no other follows.
            watch: called in this process, in the order blocks end, exactly once per block.

        Raises:
            GaveUp: some blocks killed their worker again and again; all others are done.
            BlockFault: `evaluate` itself raised; running blocks were dropped.
            ClusterLost: Ray is gone; what was told to `watch` is done.
            KeyboardInterrupt: Ctrl-C; running blocks were dropped, no block is half written.
        """


class BlockFault(RuntimeError):
    """`evaluate` raised: a fault of ours. The message carries the block and the traceback."""


class ClusterLost(RuntimeError):
    """Ray, or the part of it this sweep hangs on, died or cannot work; the same command goes on."""


class HeadLost(ClusterLost):
    """The GCS of a Ray that this process had started died: nothing of it answers any more."""


class GaveUp(RuntimeError):
    """Blocks that were given up because their worker died each time they were tried.

    Attributes:
        reasons: block number -> how the worker died the last time.
    """

    def __init__(self, reasons: dict[int, str]) -> None:
        self.reasons = reasons
        number, reason = next(iter(reasons.items()))
        super().__init__(
            f"{len(reasons)} block(s) given up, every other one is done: block {number} killed its "
            f"worker each time it was tried ({reason}); the same command tries them again"
        )
