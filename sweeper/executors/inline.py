"""Evaluate blocks in this process: one thread, in order."""

from collections.abc import Callable, Sequence

from sweeper.executors import BlockFault, DoneT, WorkT


class InlineExecutor:
    """No start-up time and no second process: for small plans, and for debugging."""

    def run(
        self,
        evaluate: Callable[[WorkT, int], DoneT],
        work: WorkT,
        blocks: Sequence[int],
        watch: Callable[[DoneT], None],
    ) -> None:
        """Evaluate every block once; see `sweeper.executors.Executor`."""
        for number in blocks:
            try:
                done = evaluate(work, number)
            except Exception as error:
                raise BlockFault(f"block {number}: {type(error).__name__}: {error}") from error
            watch(done)
