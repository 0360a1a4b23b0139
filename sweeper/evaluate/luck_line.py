"""The luck line of a plan: which of its configurations are evaluated on redrawn bars."""

import math
import time
from dataclasses import dataclass

import numpy as np

from kernels import METRICS, Settings
from kernels.series.bars import prepare
from kernels.series.clock import CLOCK
from store.luck.histories import SEED, Source
from store.luck.measuring import (
    CALL_SECONDS,
    FEW_SECONDS,
    FEW_STEPS,
    LONGEST,
    STEP_SECONDS,
    Contestants,
    Size,
    effort,
    indicators,
    measure,
    redrawn,
)
from store.luck.record import POINTS, Luck
from sweeper.evaluate.engine_share import order_share
from sweeper.evaluate.kernel_call import prepared
from sweeper.plan.plan import Floats, Group, Plan
from sweeper.plan.proposals import Proposals
from sweeper.search import random
from sweeper.search.grid import Grid
from sweeper.search.random import Random
from sweeper.space.axes import Axis, Interval

DEAR = {"donchian": 4.0, "hma": 2.0, "macd": 3.0, "ensemble": 64.0}
"""Strategies of the project whose configurations are dearer than moving averages, how many times:
of an ensemble each has indicators of its own."""
ORDERS, WEIGHTS = 16.0, 32.0
"""The same of configurations that the order engine takes bar by bar, and of target weights."""
MOST_CELLS = 500_000
"""Bars of all symbols of a universe that is redrawn before a sweep: 100 symbols of 5,000 bars."""
TIMED = 50
"""Configurations of a strategy outside the project that are timed."""


def luck_of(plan: Plan, longest: float = LONGEST) -> Luck | None:
    """The best Sharpe ratio that a plan's configurations show on bars without skill.

    A search that learns has no points yet: as many random ones of its space stand in for them.
    None where a history is too short to be redrawn.

    Args:
        plan: of the sweep.
        longest: seconds of processor time that it takes at most, about.
    """
    if too_large(plan):
        return None
    everyone = [_Group.of(group) for group in plan.groups]
    total = sum(part.count for part in everyone)
    keys = list(dict.fromkeys(part.key for part in everyone))
    bars = [next(part.bars for part in everyone if part.key == key) for key in keys]
    series = [keys[place] for place in redrawn([part.size for part in everyone], bars)]
    groups = [part for part in everyone if part.key in set(series)]
    sources = [next(part.source for part in groups if part.key == key) for key in series]
    dear = max(part.dearness() for part in groups)
    lengths = [len(source.times) for source in sources]
    chosen = effort([part.size for part in groups], lengths, dear, longest)
    contestants = [
        part.contestants(series.index(part.key), count, chosen.closer > 0)
        for part, count in zip(groups, chosen.sample, strict=True)
    ]
    stand_in = POINTS if any(group.learns for group in plan.groups) else ""
    fewer = len(series) < len(keys)
    return measure(sources, contestants, chosen, total, stand_in, fewer=fewer)


def too_large(plan: Plan) -> str:
    """Reason why a plan's universe is not redrawn before the sweep; empty where it is."""
    for group in plan.groups:
        panel = group.series.panel
        if panel is not None and len(panel.symbols) * panel.n_bars > MOST_CELLS:
            return (
                f"no luck line: {len(panel.symbols):,} symbols of {panel.n_bars:,} bars take too "
                f"long to redraw before a sweep (limit {MOST_CELLS:,} bars of all symbols); take "
                "fewer symbols to see one"
            )
    return ""


@dataclass(frozen=True, eq=False)
class _Group:
    """A group of the plan, and how many configurations it has.

    Attributes:
        group: of the plan.
        bars: that any of its windows reaches; later ones are never read.
        count: configurations; those of a search that learns as random points of its space.
    """

    group: Group
    bars: int
    count: int

    @classmethod
    def of(cls, group: Group) -> "_Group":
        bars = max(window.stop for window in group.windows)
        search = group.search
        if isinstance(search, Proposals):
            return cls(group, bars, len(_random_points(group, search.budget)))
        return cls(group, bars, group.runs // len(group.windows))

    @property
    def key(self) -> tuple[str, str, str, int]:
        """Equal for groups on the same bars."""
        series = self.group.series
        return series.symbol, series.timeframe, series.fingerprint, self.bars

    @property
    def source(self) -> Source:
        series = self.group.series
        panel = None if series.panel is None else series.panel.before(self.bars)
        if panel is not None:
            columns = {name: column[: self.bars] for name, column in series.columns.items()}
            return Source(series.timeframe, series.times[: self.bars], columns, panel)
        settings = self.group.settings
        flat = isinstance(settings, Settings) and settings.session_flat
        clocked = prepared(self.group).clocked(CLOCK if flat else self.group.cell.strategy.columns)
        columns = {name: column[: self.bars] for name, column in clocked.items()}
        return Source(series.timeframe, series.times[: self.bars], columns)

    @property
    def windows(self) -> list[tuple[int, int]]:
        return [(window.start, window.stop) for window in self.group.windows if window.ranks]

    @property
    def size(self) -> Size:
        ranked = sum(stop - start for start, stop in self.windows)
        cell, fields = self.group.cell, self.group.cell.strategy.fields
        counts = {axis.name: values_of(axis) for axis in cell.space.axes}
        distinct = {
            field: counts.get(name, 1.0) for field, name in zip(fields, cell.params, strict=True)
        }
        rows = indicators(cell.strategy, distinct, self.count)
        return Size(self.count, self.bars, ranked, rows)

    def contestants(self, series: int, count: int, shuffled: bool) -> Contestants:
        """All configurations of the group, or `count` at random; `shuffled` in random order."""
        cell = self.group.cell
        numbers = self._numbers(count, shuffled)
        configured = self.group.configured(numbers)
        params, swept = configured.params, configured.own_settings
        strategy, settings = cell.strategy, self.group.settings
        require = cell.config.search.require.among(METRICS)
        meets = require.met if require else None
        return Contestants(series, strategy, settings, self.windows, params, swept, meets)

    def dearness(self) -> float:
        """Factor by which a configuration is dearer than one of moving averages.

        A strategy outside the project is timed, and the ratio rounded to a power of 4: so a plan
        has the same luck line on most machines, and where it has not, the record keeps what it was.
        """
        strategy = self.group.cell.strategy
        if strategy.module.removeprefix("kernels.strategies.") == strategy.name:
            if strategy.contract == "weight":
                return WEIGHTS
            by_orders = 1 + (ORDERS - 1) * order_share(self.group)
            return max(DEAR.get(strategy.name, 1.0), by_orders)
        some = self.contestants(0, min(self.count, TIMED), shuffled=False).take(slice(TIMED))
        series = self.source.panel or prepare(self.source.columns)
        some.scores(series)  # compiles, or loads the compiled code
        began = time.thread_time()
        some.scores(series)
        seconds = time.thread_time() - began - CALL_SECONDS
        few = FEW_SECONDS + FEW_STEPS * self.bars
        ratio = (seconds / len(some) - few) / (STEP_SECONDS * self.size.ranked)
        return float(4 ** max(0, round(math.log(max(ratio, 1.0), 4))))

    def _numbers(self, count: int, shuffled: bool) -> Floats:
        """(count, d) configurations, columns as `group.cell.names`."""
        group = self.group
        if isinstance(group.search, Proposals):
            return _random_points(group, count)
        if count >= self.count:
            every = group.configurations(0, group.points)[0]
            return np.random.default_rng(SEED).permutation(every) if shuffled else every
        if isinstance(group.search, Grid | Random):
            return _random_points(group, count)
        return _some_points(group, count)


def values_of(axis: Axis) -> float:
    """Number of different values of an axis; infinitely many of an interval of real numbers."""
    if not isinstance(axis, Interval):
        return float(axis.size)
    return axis.high - axis.low + 1 if axis.integer else math.inf


def _random_points(group: Group, count: int) -> Floats:
    """(<= count, d) random valid configurations of a group's space, in random order."""
    cell = group.cell
    try:
        chosen = random.make(cell.space, n=max(1, count), seed=cell.config.search.seed)
    except ValueError:  # the constraint is met too seldom
        return _some_points(group, count)
    values, valid = chosen.points(0, chosen.size())
    return cell.numbers(values[valid])


def _some_points(group: Group, count: int) -> Floats:
    """(<= count, d) configurations at random places among the points of a group's search."""
    places = np.random.default_rng(SEED).permutation(group.points)
    taken: list[Floats] = []
    for place in places.tolist():
        numbers, _, _ = group.configurations(place, place + 1)
        taken += [numbers] if len(numbers) else []
        if len(taken) >= count:
            break
    return np.concatenate(taken)
