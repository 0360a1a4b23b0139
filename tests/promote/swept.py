"""Small sweeps for the gate: on bars with a planted edge, which passes, and without any."""

from store.data import DataSpec, load
from promote.null_bars import Edge, null_bars
from sweeper.sweep import sweep_cells
from tests.sweeper.planned import make_cell

COMMAND = ["python", "-m", "sweeper", "-m"]
GRID = ("params.fast=range(2,8)", "params.slow=range(10,30,2)")


def planted_bars(path, sharpe=5.0, seed=7, bars=2500):
    """Bars of a file whose trends last three weeks; a rule that follows them does well."""
    (index,) = load(DataSpec(source="nasdaq", symbols=("NASDAQ",)))
    edge = Edge(sharpe, 252.0, persistence=15)
    drawn = null_bars(index.frame.iloc[:bars], seed, edge=edge)
    path.parent.mkdir(parents=True, exist_ok=True)
    drawn.rename_axis("time").reset_index().to_parquet(path)
    return path


def sweep(root, path, *sweeps, **sections):
    """An experiment of sma on a file of bars."""
    data = {"source": "parquet", "path": str(path), "symbols": ["EDGE"], "timeframe": "1d"}
    data |= {"calendar": "XNYS", "periods_per_year": 252}
    given = {"data": data, "store": {"root": str(root)}, "executor": "inline", **sections}
    return sweep_cells([make_cell(*(sweeps or GRID), **given)], COMMAND)
