"""A sweep from Python: what `python -m sweeper -m` does, for the same words.

experiment = sweep("strategy=sma", "params.fast=range(5,60)", "params.slow=range(20,260,2)")
Results("results").runs(experiment.id).to_pandas()
"""

from store.experiment import Experiment
from sweeper.composing import composing
from sweeper.request import request_cells
from sweeper.running import sweep_cells


def sweep(*overrides: str) -> Experiment:
    """Run the experiment that overrides describe, or what is left of it.

    Threads may sweep at once, and a Hydra application may: its own Hydra stays as it is.

    Args:
        overrides: as on the command line, without a shell's quotes: `"params.fast=5,10,20"`,
            `"search=random"`, `"+experiment=demo"`, `"store.root=/data/results"`.

    Returns:
        Its record, `status` done; `store.results.Results(root)` reads its runs by `id`.

    Raises:
        ValueError: bad input, in one line, before anything is written.
        GaveUp: some blocks killed their worker again and again; all others are done.
        Interrupted: Ctrl-C; what is done stays.
    """
    with composing() as composer:
        cells = [cell for _, cell in request_cells(overrides, composer)]
    return sweep_cells(cells, ["python", "-m", "sweeper", "-m", *overrides])
