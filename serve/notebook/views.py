"""Results of a study as a notebook shows them: the best, the luck line, the walk-forward."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from serve.notebook.shown import page, table_html
from store.luck.record import Luck
from store.luck.sentences import paragraph
from store.query.results import Results
from store.records.experiment import Experiment
from store.report.number_format import metric_text, param_text

SHOWN = ("sharpe", "total_return", "annual_return", "max_drawdown", "win_rate", "trades")


class Best(dict[str, Any]):
    """A configuration as `Results.standings` gives it: ref, params, settings, metrics."""

    @property
    def params(self) -> Mapping[str, float]:
        """Parameters of the run by name."""
        params: Mapping[str, float] = self["params"]
        return params

    @property
    def metrics(self) -> Mapping[str, float]:
        """Metrics of the run by name: fractions, not percent."""
        metrics: Mapping[str, float] = self["metrics"]
        return metrics

    def row(self) -> dict[str, object]:
        """The line of a table."""
        metrics = {name: self.metrics.get(name) for name in SHOWN}
        return {"ref": self["ref"], "symbol": self.get("symbol"), **self.params, **metrics}

    def stats(self) -> pd.Series:
        """Metrics of the run as a Series."""
        return pd.Series(dict(self.metrics), name=self["ref"])

    def __repr__(self) -> str:
        """One line; `dict(best)` has all of it."""
        shown = {name: param_text(value) for name, value in self.params.items()}
        shown |= {n: metric_text(n, self.metrics[n]) for n in SHOWN if n in self.metrics}
        return f"Best({self['ref']}: {', '.join(f'{n} {text}' for n, text in shown.items())})"

    def _repr_html_(self) -> str:
        return table_html(pd.DataFrame([self.row()]))


@dataclass(frozen=True, repr=False)
class LuckLine:
    """The best of a sweep next to luck.

    Attributes:
        measured: the luck line; None where it was not measured.
        best: highest Sharpe ratio of its configurations; NaN when there is none.
        sentence: what both say, in words.
    """

    measured: Luck | None
    best: float
    sentence: str

    @property
    def mean(self) -> float:
        """Best Sharpe ratio on bars without skill, on average; NaN where it was not measured."""
        return math.nan if self.measured is None else self.measured.mean

    @property
    def chance(self) -> float:
        """Chance that luck shows as much; NaN where it was not measured."""
        has_line = self.measured is not None and not math.isnan(self.best)
        return self.measured.chance_of(self.best) if self.measured and has_line else math.nan

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        return page(self.sentence)


def luck_line(results: Results, experiment: Experiment) -> LuckLine:
    """The luck line of an experiment."""
    ranked = results.standings(experiment.id, 1, metric="sharpe")
    best = float(ranked[0]["metrics"]["sharpe"]) if ranked else math.nan
    sentence = paragraph(experiment, best, results.root)
    return LuckLine(Luck.of(experiment), best, sentence)


@dataclass(frozen=True, repr=False)
class WalkForward:
    """The walk-forward of a sweep.

    Attributes:
        symbols: analyses by symbol, as `store.analysis.walk_forward_choices` gives them.
    """

    symbols: tuple[Mapping[str, Any], ...]

    @property
    def stitched(self) -> Mapping[str, object]:
        """All test windows one after the other, of the first symbol."""
        record: Mapping[str, object] = self.symbols[0]["stitched"]
        return record

    def frame(self) -> pd.DataFrame:
        """A row for each fold."""
        rows = [
            {"symbol": each["symbol"], **_flat(fold)}
            for each in self.symbols
            for fold in each["folds"]
        ]
        return pd.DataFrame(rows)

    def __repr__(self) -> str:
        folds = {str(each["symbol"]): len(each["folds"]) for each in self.symbols}
        listed = ", ".join(f"{symbol} {count}" for symbol, count in folds.items())
        return f"WalkForward(folds: {listed}; .frame() has a row for each)"

    def _repr_html_(self) -> str:
        stitched = pd.DataFrame(
            [{"symbol": each["symbol"], **(each["stitched"] or {})} for each in self.symbols]
        )
        return table_html(self.frame()) + page("All test windows, one after the other") + (
            table_html(stitched)
        )  # fmt: skip


def _flat(fold: Mapping[str, object]) -> dict[str, Any]:
    """A fold without dicts in it."""
    flat: dict[str, object] = {}
    for name, value in fold.items():
        if isinstance(value, Mapping):
            flat |= {f"{name}.{inner}": each for inner, each in value.items()}
        else:
            flat[name] = value
    return flat


def walk_forward(results: Results, ref: str) -> WalkForward:
    """The walk-forward of an experiment.

    Raises:
        ValueError: it has no folds.
    """
    analyses = results.windows(ref).get("walk_forward", [])
    if not analyses:
        raise ValueError(f'{ref}: has no folds; sweep with split="walk_forward"')
    return WalkForward(tuple(analyses))
