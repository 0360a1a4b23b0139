"""Error rows of an experiment: the configurations that failed."""

import pyarrow as pa

from store.files.arrow_types import Table
from store.files.backend import Place
from store.files.paths import run_file
from store.records.experiment import Experiment
from store.runs.blocks import read_block
from store.runs.columns import ERRORS
from store.runs.parquet import require_whole


def error_rows(root: Place, experiment: Experiment) -> Table:
    """A pa.Table of `columns.ERRORS`, by run number.

    Raises:
        DamagedFile: a file is not what was written.
    """
    tables = [ERRORS.empty_table()]
    for name in experiment.files:
        if name.startswith("errors/"):
            path = run_file(root, experiment.id, name)
            require_whole(path, experiment.files[name])
            tables.append(read_block(path.parent, int(path.stem)))
    joined: Table = pa.concat_tables(tables, promote_options="default")
    return joined.sort_by("run")
