"""Windows of a series with all that turns an equity on them into metrics."""

from dataclasses import dataclass, replace

import numpy as np

from kernels.engine.metrics import block_edges
from kernels.engine.settings import Rules, Settings
from kernels.jit.array_types import Floats, Ints, Singles
from kernels.portfolio.equity_metrics import write_metrics
from kernels.portfolio.settings import PanelSettings
from kernels.series.bars import Series
from kernels.series.trading_days import Days


@dataclass(frozen=True, eq=False)
class Frame:
    """Windows (w, 2), the years and the edges (w, BLOCKS + 1) of each, days and rules."""

    windows: Ints
    years: Floats
    edges: Ints
    days: Days
    rules: Rules

    @classmethod
    def of(cls, series: Series, settings: Settings | PanelSettings, windows: Ints) -> "Frame":
        """The windows of a series; a year's bars come from its times where no setting says them."""
        if settings.periods_per_year is None:
            settings = replace(settings, periods_per_year=series.bars_a_year)
        rules = settings.rules()
        edges = np.stack([block_edges(int(stop - start)) for start, stop in windows])
        years = series.years(windows, rules.periods_per_year)
        return cls(windows, years, edges, series.day_ends, rules)

    def write(
        self,
        equity: Floats,
        tally: Floats,
        place: int,
        metrics: Floats,
        block_sum: Singles,
        block_sumsq: Singles,
    ) -> None:
        """Write metrics and block sums of an equity on one window; see `write_metrics`."""
        write_metrics(
            equity,
            tally,
            self.windows[place],
            float(self.years[place]),
            self.edges[place],
            self.days,
            self.rules,
            metrics,
            block_sum,
            block_sumsq,
        )
