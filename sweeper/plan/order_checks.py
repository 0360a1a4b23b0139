"""Order settings that lack what they work with: refused before anything runs."""

from collections.abc import Collection

import numpy as np

from store.data import Dataset
from sweeper.plan.cell import Cell


def check_order_settings(cell: Cell, dataset: Dataset) -> None:
    """Raise ValueError for an order setting that the strategy or the bars cannot serve."""
    config, swept = cell.config, {axis.name for axis in cell.space.axes}
    own = cell.strategy.levels is not None
    entry = config.fill.entry
    if entry != "market" and not own and not _set(cell, swept, "fill.entry_distance"):
        raise ValueError(f"fill.entry_distance: entry {entry} needs one; set it")
    stops = ("risk.stop_loss", "risk.trailing_stop")
    if config.size.kind == "risk" and not own and not any(_set(cell, swept, n) for n in stops):
        raise ValueError("size.kind: risk needs a risk.stop_loss or risk.trailing_stop to size by")
    funding = config.costs.funding
    if funding is not None and funding not in dataset.frame.columns:
        names = ", ".join(map(str, dataset.frame.columns))
        raise ValueError(
            f"costs.funding: the bars of {dataset.symbol} have no column {funding!r}; they have "
            f"{names}"
        )
    if config.risk.session_flat and dataset.days is None:
        raise ValueError(
            f"risk.session_flat: needs bars shorter than a session, {dataset.symbol} has bars of "
            f"{dataset.timeframe}"
        )


def _set(cell: Cell, swept: Collection[str], name: str) -> bool:
    return name in swept or not np.isnan(cell.fixed.get(name, np.nan))
