"""A sweep from Python: what `python -m sweeper -m` does, for the same words.

experiment = sweep("strategy=sma", "params.fast=range(5,60)", "params.slow=range(20,260,2)")
Results("results").runs(experiment.id).to_pandas()
"""

from store.records.experiment import Experiment
from sweeper.plan.compose import composing
from sweeper.plan.request import request_cells
from sweeper.run.cancel import Cancel
from sweeper.run.driver import sweep_cells
from sweeper.run.events import Failed, Watch, to_all, unwatched
from sweeper.terminal.watcher import shown_as


def sweep(
    *overrides: str,
    output: str | None = None,
    on_event: Watch | None = None,
    cancel: Cancel | None = None,
) -> Experiment:
    """Run the experiment that overrides describe, or what is left of it.

    Threads may sweep at once, and a Hydra application may: its own Hydra stays as it is. Where the
    caller is to go on meanwhile, use `sweeper.handle.start`.

    Args:
        overrides: as on the command line, without a shell's quotes: `"params.fast=5,10,20"`,
            `"search=random"`, `"+experiment=demo"`, `"store.root=/data/results"`.
        output: table, json or none, as the key `output`; None leaves it to the overrides.
        on_event: called with each event of `sweeper.run.events`, in this thread.
        cancel: its `set()`, from another thread, ends the sweep within a block.

    Returns:
        Its record, `status` done; `store.query.results.Results(root)` reads its runs by `id`.

    Raises:
        ValueError: bad input, in one line, before anything is written.
        GaveUp: some blocks killed their worker again and again; all others are done.
        Interrupted: Ctrl-C or `cancel`; what is done stays.
    """
    words = (*overrides, f"output={output}") if output else overrides
    watch = on_event or unwatched
    try:
        with composing() as composer:
            cells = [cell for _, cell in request_cells(words, composer)]
    except Exception as error:
        watch(Failed.of(error))
        raise
    shown = to_all(shown_as(cells[0].config.output), watch)
    return sweep_cells(cells, ["python", "-m", "sweeper", "-m", *overrides], shown, cancel=cancel)
