"""The luck line measured: configurations evaluated on histories without skill."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from kernels import Settings, evaluate, evaluate_panel
from kernels.jit.array_types import Floats
from kernels.portfolio.settings import PanelSettings
from kernels.registry import Strategy
from kernels.series.bars import Series
from store.luck.histories import Histories, Source
from store.luck.record import Luck, Seen, summarised

CHUNK = 16_384
"""Configurations that are evaluated at a time."""
HISTORIES = (200, 150, 100, 50, 20)
"""How many are redrawn: as many as can be afforded."""
SMALL = 500
"""Configurations of the sample that is evaluated on every history, of all series together."""
CLOSER = 20
"""Histories, at least, on which many more than the small sample are evaluated."""
QUARTERS = 4

SECONDS, SHARE, LONGEST = 2.0, 0.1, 20.0
"""Processor time for the luck line: this much, or a share of the sweep's, up to the longest. A
tenth of one core's is a fifth of the sweep where two work."""
FIRST = 0.7
"""Of that time, what the small sample may take."""
SERIES_SECONDS, BAR_SECONDS, CALL_SECONDS = 3e-4, 6e-8, 9e-4
"""Of redrawing a series, for each of its bars, and of asking the kernels once."""
STEP_SECONDS, POINT_SECONDS, ROW_SECONDS = 6e-10, 2e-7, 8e-6
"""Of a configuration on one bar, of each configuration, and of a row of a sweep. This model and not
a clock decides how much is evaluated: a plan has the same luck line on any machine."""
FEW, FEW_SECONDS, FEW_STEPS = 500, 1.2e-6, 9e-10
"""Configurations that bring indicators of their own, and what these cost, each and per bar."""
OWN_SECONDS, OWN_STEPS = 1e-5, 9e-9
"""Of an indicator, and on one bar, where there are more than these few: of a long range."""
FEWEST_SERIES = 50
"""Series that are redrawn at least, of as many or more."""


@dataclass(frozen=True, eq=False)
class Contestants:
    """Configurations of one strategy on one series.

    Attributes:
        series: place among the sources.
        strategy: of `kernels.registry.load`.
        settings: what they share.
        windows: bars [start, stop) that the search may look at; their mean ranks.
        params: (n, p) in the order of the strategy's fields.
        swept: (n,) values of the settings that differ.
        meets: by (n,) means of metrics over the windows, which configurations may rank; None: all.
    """

    series: int
    strategy: Strategy
    settings: Settings | PanelSettings
    windows: Sequence[tuple[int, int]]
    params: Floats
    swept: Mapping[str, Floats]
    meets: Callable[[Mapping[str, Floats], int], NDArray[np.bool_]] | None = None

    def __len__(self) -> int:
        return len(self.params)

    def take(self, rows: Any) -> "Contestants":
        """Some of them."""
        swept = {name: values[rows] for name, values in self.swept.items()}
        return replace(self, params=self.params[rows], swept=swept)

    def scores(self, series: Series) -> Floats:
        """(n,) annual Sharpe ratio of each, its mean over the windows.

        NaN where one fails; -inf where one does not meet what is required of its results.
        """
        parts = range(0, len(self), CHUNK)
        return np.concatenate([self.take(slice(k, k + CHUNK))._scores(series) for k in parts])

    def _scores(self, series: Series) -> Floats:
        params: dict[str, Any] = dict(zip(self.strategy.fields, self.params.T, strict=True))
        swept: dict[str, Any] = dict(self.swept)
        settings = replace(self.settings, **swept)
        try:
            if isinstance(settings, PanelSettings):
                evaluation = evaluate_panel(series, self.strategy, params, settings, self.windows)
            else:
                evaluation = evaluate(series, self.strategy, params, settings, windows=self.windows)
        except Exception:  # noqa: BLE001 -- whatever a user's strategy raises: it cannot win
            if len(self) == 1:
                return np.array([np.nan])
            half = len(self) // 2
            return np.concatenate([self.take(k)._scores(series) for k in _halves(half)])
        means = {
            name: np.broadcast_to(evaluation[name].mean(axis=1), len(self)) for name in evaluation
        }
        if self.meets is None:
            return means["sharpe"]
        return np.where(self.meets(means, len(self)), means["sharpe"], -np.inf)


def _halves(middle: int) -> tuple[slice, slice]:
    return slice(None, middle), slice(middle, None)


class Size(NamedTuple):
    """Size of a group, as far as the time of its evaluation depends on it.

    Attributes:
        configurations: how many.
        bars: of the series.
        ranked: bars of all windows that rank.
        rows: indicators that all configurations have among them, and each by itself.
    """

    configurations: int
    bars: int
    ranked: int
    rows: tuple[float, int] = (0, 1)


class Effort(NamedTuple):
    """Plan of the measurement of the luck line.

    Attributes:
        histories: how many.
        closer: the first so many of them are looked at closer; 0 where all are alike.
        small: for each group, configurations that are evaluated on every history.
        sample: for each group, those that are evaluated on the closer ones, the small among them.
        full: for each group, all of its configurations.
    """

    histories: int
    closer: int
    small: tuple[int, ...]
    sample: tuple[int, ...]
    full: tuple[int, ...]


@dataclass(frozen=True)
class Cost:
    """Processor time of one history, by the model.

    Attributes:
        sizes: of the groups.
        drawing: seconds of redrawing all series.
        factor: how many times dearer than the built-in strategies those of the groups are.
        longest: seconds that the luck line takes at most.
    """

    sizes: Sequence[Size]
    drawing: float
    factor: float
    longest: float = LONGEST

    def seconds(self, share: float) -> float:
        """Seconds of a share of the configurations."""
        total = self.drawing + CALL_SECONDS * len(self.sizes)
        for n, bars, ranked, (rows, each) in self.sizes:
            total += min(share * n, FEW) * (FEW_SECONDS + FEW_STEPS * bars)
            own = min(share * n * each, rows) if rows > FEW else 0.0
            total += own * (OWN_SECONDS + OWN_STEPS * bars)
            total += share * n * (POINT_SECONDS + self.factor * STEP_SECONDS * ranked)
        return total

    def share(self, seconds: float) -> float:
        """Share of the configurations that a time is enough for."""
        low, high = 0.0, 1.0
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if self.seconds(middle) <= seconds else (low, middle)
        return high if self.seconds(1.0) <= seconds else low

    @property
    def budget(self) -> float:
        """For the whole luck line."""
        rows = sum(
            size.configurations * (ROW_SECONDS + self.factor * STEP_SECONDS * size.ranked)
            for size in self.sizes
        )
        return min(max(SECONDS, SHARE * rows), self.longest)

    def counts(self, share: float) -> tuple[int, ...]:
        """For each group, a share of its configurations, one at least."""
        sizes = (size.configurations for size in self.sizes)
        return tuple(min(n, max(1, math.ceil(share * n))) for n in sizes)


def drawing(series_bars: Sequence[int]) -> float:
    """Seconds of redrawing series of so many bars once."""
    return sum(SERIES_SECONDS + BAR_SECONDS * n for n in series_bars)


def redrawn(sizes: Sequence[Size], series_bars: Sequence[int]) -> list[int]:
    """Places of the series that are redrawn, ascending: all, or as many as can be afforded.

    Of thousands some, evenly spread, stand for all: their configurations are a sample.
    """
    n, cost = len(series_bars), Cost(sizes, drawing(series_bars), 1.0)
    room = FIRST * cost.budget / min(HISTORIES)
    each = (cost.drawing + CALL_SECONDS * len(sizes)) / n
    kept = min(n, max(FEWEST_SERIES, int(room / each)))
    places: list[int] = np.unique(np.linspace(0, n - 1, kept).astype(int)).tolist()
    return places


def indicators(strategy: Strategy, distinct: Mapping[str, float], n: int) -> tuple[float, int]:
    """Indicators of n configurations together, at most, and of one: what `Size.rows` holds.

    Args:
        strategy: of them all.
        distinct: how many different values each parameter has, by field.
        n: configurations.
    """
    own = [[name for name in row.arguments if name in strategy.types] for row in strategy.rows]
    total = sum(min(float(n), math.prod(distinct[str(name)] for name in names)) for names in own)
    return total, max(1, len(own))


def effort(
    sizes: Sequence[Size],
    series_bars: Sequence[int],
    factor: float = 1.0,
    longest: float = LONGEST,
) -> Effort:
    """Measurement that the time allows.

    Args:
        sizes: of the groups.
        series_bars: bars of each series that is redrawn.
        factor: see `Cost`.
        longest: the same.
    """
    cost = Cost(sizes, drawing(series_bars), factor, longest)
    total = sum(size.configurations for size in sizes)
    budget, small = cost.budget, min(1.0, SMALL / max(total, 1))
    if small == 1.0 or cost.seconds(1.0) * HISTORIES[0] <= budget:
        share, room = 1.0, budget
    else:
        share, room = small, FIRST * budget
    affordable = (n for n in HISTORIES if n * cost.seconds(share) <= room)
    histories = next(affordable, HISTORIES[-1])
    full = cost.counts(1.0)
    if share == 1.0:
        return Effort(histories, 0, full, full, full)
    left = max(0.0, budget - histories * cost.seconds(small))
    closer = min(histories, max(CLOSER, int(left / cost.seconds(1.0))))
    wide = max(small, cost.share(left / closer))
    return Effort(histories, closer, cost.counts(small), cost.counts(wide), full)


def measure(
    sources: Sequence[Source],
    contestants: Sequence[Contestants],
    plan: Effort,
    configurations: int,
    stand_in: str = "",
    *,
    fewer: bool = False,
) -> Luck | None:
    """The luck line of some configurations.

    Args:
        sources: series to redraw.
        contestants: of each group `plan.sample`, in random order unless they are all.
        plan: how much to evaluate.
        configurations: that the contestants stand for, as many or more.
        stand_in: see `Luck`.
        fewer: whether series are left out, whose configurations the contestants stand for, too.

    Returns:
        None where it cannot be measured: no configuration, or a series too short to redraw.
    """
    groups = [
        (group, min(small, len(group)))
        for group, small in zip(contestants, plan.small, strict=True)
        if len(group)
    ]
    if not groups or not all(source.drawable for source in sources):
        return None
    drawn, seen = Histories(sources), []
    for number in range(plan.histories):
        series = drawn.draw(number)
        near = number < plan.closer or not plan.closer
        parts = [
            (group if near else group.take(slice(small))).scores(series[group.series])
            for group, small in groups
        ]
        few = np.concatenate([part[:small] for part, (_, small) in zip(parts, groups, strict=True)])
        if np.isnan(few).all():
            return None
        every = np.concatenate(parts)
        seen.append(
            Seen(
                small=_best(few),
                best=_best(every) if near else None,
                quarter=_mean_of_quarters(every) if near else None,
                held=float(np.mean([_held(group) for group in series])),
            )
        )
    sample = sum(len(group) for group, _ in groups)
    whole = plan.sample == plan.full and not fewer
    of = sample if whole else max(configurations, sample)
    few_of = sum(small for _, small in groups)
    return summarised(seen, configurations=of, sample=sample, small=few_of, stand_in=stand_in)


def _mean_of_quarters(scores: Floats) -> float:
    """Mean of the highest scores of the four quarters, each every fourth one."""
    parts = [scores[k::QUARTERS] for k in range(min(QUARTERS, scores.size))]
    highest = [_best(part) for part in parts if not np.isnan(part).all()]
    return sum(highest) / len(highest)


def _best(scores: Floats) -> float:
    """The highest score; 0, that of cash, where no configuration may rank, for none is chosen."""
    best = float(np.nanmax(scores))
    return best if best > -math.inf else 0.0


def _held(series: Series) -> float:
    """Sharpe ratio per bar of holding a series: its expectation over histories is 0."""
    close = series.column("close")
    returns = close[1:] / close[:-1] - 1
    return float(returns.mean() / returns.std()) if returns.std() > 0 else 0.0
