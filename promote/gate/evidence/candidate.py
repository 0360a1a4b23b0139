"""A candidate's own record: its metrics on the judged bars, and whether it can be trusted."""

import math
import sys
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from kernels.engine.evaluation import Trace
from kernels.foresight import foresight, panel_foresight
from kernels.jit.source_hash import source_files
from kernels.portfolio.panel import Panel
from promote.audit import git_tree
from promote.candidates import rerun
from promote.candidates.judged_sample import Floats, Sample
from promote.statistics.sharpe_gap import Record
from store.records.experiment import Experiment
from store.records.group import GroupRecord
from store.records.run_row import RunRow
from store.replay.cost_stress import at_costs
from store.replay.replay import Replay, group_of, replay_of


@dataclass(frozen=True, eq=False)
class Candidate:
    """One configuration.

    Attributes:
        sample: it and its competitors, on the bars that are judged.
        place: its own among them.
    """

    sample: Sample
    place: int

    @cached_property
    def run(self) -> RunRow:
        """The candidate's run on the first window that it was chosen on."""
        return self.sample.candidates.run(self.place)

    @cached_property
    def experiment(self) -> Experiment:
        """The experiment that holds its run."""
        return self.sample.candidates.experiment(self.place)

    @cached_property
    def group(self) -> GroupRecord:
        """The candidate's group in its experiment."""
        return group_of(self.experiment, self.run["run"])

    @cached_property
    def replay(self) -> Replay:
        """The candidate's configuration, ready to run again."""
        return replay_of(self.experiment, self.run, self.sample.series)

    @cached_property
    def trace(self) -> Trace:
        """The candidate on the judged bars, with its equity and its trades."""
        return self.replay.trace(self.sample.span)

    def on(self, span: tuple[int, int]) -> Record:
        """The candidate's metrics on any bars [start, stop)."""
        names = self.replay.metric_names
        metrics = dict(zip(names, self.replay.evaluate([span]).metrics[0, 0].tolist(), strict=True))
        ratio = metrics["sharpe"] / math.sqrt(self.periods_per_year)
        return Record(ratio, span[1] - span[0], metrics["skew"], metrics["kurtosis"])

    @property
    def record(self) -> Record:
        """The candidate's metrics on the judged bars."""
        return Record(self.bar_sharpe, self.bars, self.skew, self.kurtosis)

    @property
    def stressed_sharpe(self) -> float:
        """Annual Sharpe ratio on the judged bars at twice all costs."""
        again = self.replay
        dearer = replace(again, settings=at_costs(again.settings, 2))
        evaluation = dearer.evaluate([self.sample.span])
        return float(evaluation.metrics[0, 0, again.metric_names.index("sharpe")])

    @property
    def active_periods(self) -> int:
        """Number of blocks of the judged window in which its equity moves."""
        return int(np.count_nonzero(self.sample.blocks.squares[:, self.place]))

    @property
    def periods(self) -> int:
        """Number of blocks of the judged window, of equal length."""
        return len(self.sample.blocks.bars)

    @property
    def differences(self) -> tuple[str, ...]:
        """Differences from the store when the candidate is run again."""
        return rerun.differences(self.sample.shelf, self.experiment, self.run, self.replay)

    @property
    def leaks(self) -> tuple[str, ...]:
        """Signals that moved with later bars."""
        return rerun.leaks(self.replay, self.sample.span[1])

    @property
    def foretold(self) -> dict[str, float]:
        """Rank correlations of its features with the next bar's return, on the judged bars."""
        start, stop = self.sample.span
        features = [name for name in self.replay.strategy.columns if name != "volume"]
        series = self.replay.series
        if isinstance(series, Panel):
            return panel_foresight(series, features, start, stop)
        columns = {n: c[start:stop] for n, c in series.columns.items()}
        return foresight(columns, features)

    @property
    def changed_files(self) -> tuple[str, ...]:
        """Code of the checkout and of the strategy that is in no commit."""
        return git_tree.changed_code(source_files(sys.modules[self.replay.strategy.path]))

    @property
    def sharpe(self) -> float:
        """Annual Sharpe ratio on the judged bars."""
        return self.metric("sharpe")

    @property
    def bar_sharpe(self) -> float:
        """Sharpe ratio per bar on the judged bars."""
        return self.sharpe / math.sqrt(self.periods_per_year)

    @property
    def total_return(self) -> float:
        """Total return on the judged bars, a fraction of the initial capital."""
        return self.metric("total_return")

    @property
    def max_drawdown(self) -> float:
        """Maximum drawdown on the judged bars, a positive fraction of the peak."""
        return self.metric("max_drawdown")

    @property
    def volatility(self) -> float:
        """Annual volatility of the returns, a fraction."""
        return self.metric("volatility")

    @property
    def trades(self) -> float:
        """Number of trades on the judged bars."""
        return self.metric("trades")

    @property
    def skew(self) -> float:
        """Skewness of the returns per bar."""
        return self.metric("skew")

    @property
    def kurtosis(self) -> float:
        """Kurtosis of the returns per bar, raw: normal = 3."""
        return self.metric("kurtosis")

    @property
    def bars(self) -> int:
        """Number of judged bars."""
        return self.sample.bars

    @property
    def periods_per_year(self) -> float:
        """Number of bars in a year."""
        return self.sample.candidates.pool.periods_per_year

    @property
    def trade_returns(self) -> Floats:
        """(trades,) returns of its trades, fractions, costs included."""
        return np.asarray(self.trace.trades["return_"], np.float64)

    def metric(self, name: str) -> float:
        """One of `kernels.METRICS` on the judged bars."""
        return float(self.sample.metric(name)[self.place])
