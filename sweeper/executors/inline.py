"""Evaluate blocks in this process: one thread, in order."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain

from store.files import machine_errors
from sweeper.executors import BlockFault, DoneT, WorkT


class InlineExecutor:
    """No start-up time and no second process: for small plans, and for debugging."""

    def run(
        self,
        evaluate: Callable[[WorkT, int], DoneT],
        work: WorkT,
        rounds: Iterable[Sequence[int]],
        watch: Callable[[DoneT], None],
    ) -> None:
        """Evaluate every block of every round once; see `sweeper.executors.Executor`."""
        for number in chain.from_iterable(rounds):
            try:
                done = evaluate(work, number)
            except machine_errors.REFUSALS:
                raise  # a full disk is no fault of ours
            except Exception as error:
                raise BlockFault(f"block {number}: {type(error).__name__}: {error}") from error
            watch(done)
