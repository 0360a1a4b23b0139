"""Small sweeps for the gate: on bars with a planted edge, which passes, and without any."""

import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from promote.gate import preset
from promote.gate.evidence.options import Question
from promote.gate.judge import judge
from store.data import DataSpec, load
from store.records.experiment import Experiment
from store.registry import open_registry
from store.resampling.null_bars import Edge, null_bars
from sweeper.sweep import sweep_cells
from tests.sweeper.planned import make_cell

COMMAND = ["python", "-m", "sweeper", "-m"]
GRID = ("params.fast=range(2,8)", "params.slow=range(10,30,2)")


@dataclass(frozen=True)
class Swept:
    """A finished sweep.

    Attributes:
        root: of its store.
        bars: the file it ran on.
        experiment: its record.
    """

    root: Path
    bars: Path
    experiment: Experiment

    def copied(self, folder):
        """The same in another store, on the same file of bars."""
        shutil.copytree(self.root, folder / "results")
        return replace(self, root=folder / "results")

    def judged(self, ref="latest", gate="standard", **asked):
        """What the gate says, with looks at the holdout on record in the store."""
        limits = asked.pop("limits", {})
        log = asked.pop("log", open_registry(self.root))
        chosen = preset.load(gate).change(limits)
        return judge(self.root, ref, chosen, Question(**asked), log)


def verdicts(judgement):
    """Verdicts by check."""
    return {one.check: one for one in judgement.verdicts}


def failures(judgement):
    """Names of the checks that stop it."""
    return {one.check for one in judgement.verdicts if one.blocks}


def planted_bars(path, sharpe=5.0, seed=10, bars=2500):
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
