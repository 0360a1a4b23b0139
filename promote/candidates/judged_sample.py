"""Returns of the candidates on the judged bars: those that the choice looked at.

With one such window (`dev`, `train`) that is what is stored. With several, as in a walk-forward,
the configurations are evaluated once more on all bars from the first of them to the last as one
window, so that no bar counts twice: trains overlap. So they are on bars that were drawn instead of
the experiment's, as `null_sweep` does.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels import BLOCKS, METRICS
from kernels.engine.evaluation import Evaluation
from kernels.engine.settings import Settings
from kernels.evaluate import equity_paths, evaluate_runs
from kernels.portfolio.panel import Panel
from kernels.portfolio.settings import PanelSettings
from kernels.registry import Strategy
from kernels.series.bars import Series, prepare
from promote.candidates.candidates import Candidates
from promote.statistics.blocks import Blocks, checked, merge_blocks
from promote.statistics.overfitting import Overfitting, cscv
from store.analysis.block_sharpe import block_bars
from store.data import Dataset
from store.data.calendars.trading_days import SESSION_END
from store.luck.panels import PanelPart
from store.records.comparable_groups import Pool
from store.records.group import GroupRecord
from store.replay.configuration import of_columns
from store.replay.replay import Replay, load_bars, returns_of
from store.runs.reader import Shelf
from store.runs.requirement import Requirement

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Ready = tuple[Strategy, Floats, Settings | PanelSettings]

CHUNK = 4096
"""Configurations that are evaluated at a time."""
PARTS = 16
"""Of the judged window, put into two halves in all 12,870 ways."""
FEW_PARTS = 10
"""Instead, 252 ways, with more than `MANY` configurations."""
MANY = 20_000


def judged_span(pool: Pool) -> tuple[int, int]:
    """Bars [start, stop) from the first that the choice looked at to the last."""
    spans = pool.groups[0].train_spans
    return min(start for start, _ in spans), max(stop for _, stop in spans)


@dataclass(frozen=True, eq=False)
class Sample:
    """n candidates on one span of bars.

    Attributes:
        candidates: who.
        shelf: that they were read from.
        span: bars [start, stop) that they are judged on.
        drawn: bars in place of the experiment's, at the same times; None: its own.
        drawn_days: trading days of drawn bars, as `Dataset.days`.
        drawn_panel: of a universe, all its symbols on drawn dates; `drawn` is then their index.
        loaded: the experiment's bars; None: they are loaded when they are asked for.
    """

    candidates: Candidates
    shelf: Shelf
    span: tuple[int, int]
    drawn: pd.DataFrame | None = None
    drawn_days: Ints | None = None
    drawn_panel: Panel | None = None
    loaded: Dataset | None = None

    @property
    def bars(self) -> int:
        """Number of judged bars."""
        return self.span[1] - self.span[0]

    @property
    def stored(self) -> bool:
        """True when the runs themselves are on the span."""
        return self.drawn is None and len(self.candidates.pool.groups[0].train_spans) == 1

    def metric(self, name: str) -> Floats:
        """(n,) of one of `kernels.METRICS`."""
        if self.stored:
            return self.candidates.column(name)
        return self._evaluation.metrics[:, 0, METRICS.index(name)]

    @cached_property
    def meets(self) -> NDArray[np.bool_]:
        """(n,) which candidates meet the `search.require` of their experiment.

        On drawn bars the conditions on metrics of one's own are left out: no kernel gives them.
        """
        if self.drawn is None:
            return np.asarray(self.candidates.runs["meets"].to_numpy(zero_copy_only=False))
        experiment = next(iter(self.candidates.experiments.values()))
        require = Requirement.of(experiment.search).among(METRICS)
        metrics = {name: self.metric(name) for name in require.metrics}
        return require.met(metrics, len(self.candidates.runs))

    @cached_property
    def blocks(self) -> Blocks:
        """Block sums of all candidates, (64, n)."""
        if self.stored:
            sums, squares = self.candidates.block_sums(self.shelf)
        else:
            evaluation = self._evaluation
            sums, squares = np.array([evaluation.block_sum, evaluation.block_sumsq], np.float64)[
                :, :, 0
            ]
        return checked(sums.T, squares.T, block_bars(self.bars, sums.shape[1]))

    def returns(self, places: Ints, span: tuple[int, int] | None = None) -> Floats:
        """(bars, k) returns per bar of some candidates, run again.

        Args:
            places: of the candidates.
            span: bars [start, stop), simulated alone; None: those that are judged.
        """
        asked = self.span if span is None else span
        columns = np.empty((asked[1] - asked[0], places.size))
        of_group = self.candidates.group[places]
        for place in np.unique(of_group).tolist():
            some = np.flatnonzero(of_group == place)
            group = self.candidates.pool.groups[place]
            ready = _ready(self.candidates, group, places[some])
            columns[:, some] = _paths(self.series, ready, asked).T
        return columns

    @cached_property
    def overfitting(self) -> Overfitting:
        """Cross-validation of choosing among all candidates by Sharpe ratio; see `cscv`."""
        blocks = self.blocks
        parts = PARTS if blocks.sums.shape[1] <= MANY else FEW_PARTS
        return cscv(*merge_blocks(*blocks, parts))

    @property
    def frame(self) -> pd.DataFrame:
        """All bars that the candidates were run on, the holdout included.

        Raises:
            StoreError: they are no longer those of the experiment.
        """
        return self.data.frame if self.drawn is None else self.drawn

    @property
    def days(self) -> Ints | None:
        """(n,) trading days of intraday bars; None of others."""
        return self.data.days if self.drawn is None else self.drawn_days

    @cached_property
    def data(self) -> Dataset:
        """The experiment's bars with what is known about them.

        Raises:
            StoreError: they are no longer those of the experiment.
        """
        if self.loaded is not None:
            return self.loaded
        experiment = next(iter(self.candidates.experiments.values()))
        return load_bars(experiment, self.candidates.pool.groups[0])

    @cached_property
    def series(self) -> Series:
        """The same, as the kernels take them."""
        if self.drawn is None:
            return self.data.series()
        if self.drawn_panel is not None:
            return self.drawn_panel
        clocked = self.data.clocked_frame()
        drawn = self.drawn
        if SESSION_END in clocked.columns and len(clocked) == len(drawn):
            drawn = drawn.assign(**{SESSION_END: clocked[SESSION_END].to_numpy()})
        return prepare(drawn, days=self.days)

    @cached_property
    def panel_part(self) -> PanelPart | None:
        """The experiment's own universe, ready to be drawn by dates; None of one symbol."""
        series = self.data.series()
        if not isinstance(series, Panel):
            return None
        steps = np.arange(series.n_bars - 1)
        return PanelPart.of(series, steps, steps)

    @cached_property
    def _evaluation(self) -> Evaluation:
        return evaluate(self.candidates, self.series, self.span)


def evaluate(candidates: Candidates, series: Series, span: tuple[int, int]) -> Evaluation:
    """All candidates on some bars: their metrics and block sums, one window each."""
    n = len(candidates.runs)
    metrics = np.empty((n, 1, len(METRICS)))
    sums, squares = np.empty((2, n, 1, BLOCKS), np.float32)
    for place, group in enumerate(candidates.pool.groups):
        rows = np.flatnonzero(candidates.group == place)
        for start in range(0, rows.size, CHUNK):
            part = rows[start : start + CHUNK]
            own = _evaluate_group(candidates, group, part, series, span)
            metrics[part], sums[part] = own.metrics[..., : len(METRICS)], own.block_sum
            squares[part] = own.block_sumsq
    return Evaluation(metrics, sums, squares)


def _evaluate_group(
    candidates: Candidates, group: GroupRecord, rows: Ints, series: Series, span: tuple[int, int]
) -> Evaluation:
    """Some candidates of one group on some bars."""
    return evaluate_runs(series, *_ready(candidates, group, rows), [span])


def _paths(series: Series, ready: Ready, span: tuple[int, int]) -> Floats:
    """(k, bars) returns per bar of some configurations on a span, simulated alone."""
    strategy, params, settings = ready
    if isinstance(settings, Settings):
        equity = equity_paths(series, strategy, params, settings, span)
        return returns_of(equity, settings.initial_capital)
    costs = settings.costs(len(params)).tolist()
    each = [
        replace(settings, commission=commission, slippage=slippage)
        for commission, slippage in costs
    ]
    again = (Replay(series, strategy, *own) for own in zip(params, each, strict=True))
    return np.stack([replay.returns(span) for replay in again])


def _ready(candidates: Candidates, group: GroupRecord, rows: Ints) -> Ready:
    """Strategy, (k, p) parameters and settings of some candidates of one group."""

    def column(name: str, fixed: float | None) -> Floats:
        if name in group.space:
            return candidates.column(name)[rows]
        return np.full(rows.size, np.nan if fixed is None else fixed)

    configured = of_columns(group, column, rows.size, next(iter(candidates.experiments)))
    return configured.strategy, configured.params, configured.settings
