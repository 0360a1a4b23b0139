"""Runs of several experiments as one table."""

from collections.abc import Sequence

import numpy as np

from store.files.arrow_types import Table
from store.runs.columns import ORIGIN, metadata, metrics_of
from store.runs.key_set import arrow_keys


def without_copies(table: Table) -> Table:
    """The runs without copies of others among them, and of equal copies the first."""
    copied = table[ORIGIN.names[0]].is_valid().to_numpy()
    hashes = arrow_keys(table["config_hash"].combine_chunks())
    copies = np.flatnonzero(copied & ~np.isin(hashes, hashes[~copied]))
    _, first = np.unique(hashes[copies], return_index=True)
    return table.take(np.sort(np.concatenate([np.flatnonzero(~copied), copies[first]])))


def with_metrics(table: Table, parts: Sequence[Table]) -> Table:
    """The table saying that its metrics are those of all parts together."""
    names = dict.fromkeys(name for part in parts for name in metrics_of(part.schema))
    return table.replace_schema_metadata(metadata(tuple(names)))
