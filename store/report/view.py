"""What a report shows, as plain data: built by `collect`, drawn by `page`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Role = Literal["best", "baseline", "hold"]
"""The best run, the strategy's defaults, or buying at the start and holding."""


@dataclass(frozen=True)
class Entry:
    """One line of the leaderboard.

    Attributes:
        role: None for a ranked run, else what it stands beside them for.
        run: its number in the experiment; None for buy-and-hold.
        params: by name, in the strategy's order.
        metrics: by name, units as in `kernels`; NaN and infinity as they are.
    """

    role: Role | None
    run: int | None
    strategy: str
    symbol: str
    direction: str
    window: str
    params: Mapping[str, float]
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class HeatMap:
    """A metric over one or two parameters of a group of runs.

    Attributes:
        group: strategy, symbol and direction.
        metric: what the cells hold.
        x_name: parameter along x; y_name: along y, empty when only one varies.
        x: (nx,) values, ascending; y: (ny,), one empty cell when only one varies.
        z: (ny, nx), None where there is no run.
        higher_is_better: which end of the scale is good.
        note: what a cell stands for when it is more than one run.
    """

    group: str
    metric: str
    x_name: str
    y_name: str
    x: tuple[float, ...]
    y: tuple[float, ...]
    z: tuple[tuple[float | None, ...], ...]
    higher_is_better: bool = True
    note: str = ""


@dataclass(frozen=True)
class Curve:
    """Growth of 1 over time: `times` ISO, `values` equity over the first, both (n,)."""

    role: Role
    label: str
    times: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Equity:
    """Curves of one symbol and window, or why there are none.

    Attributes:
        title: the run, symbol and window.
        notes: what a reader should know of the curves, a sentence each.
        problem: why nothing is drawn; empty when something is.
    """

    title: str
    curves: tuple[Curve, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class Distribution:
    """How many runs have which value of the metric: `edges` (n + 1,), `counts` (n,)."""

    metric: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    note: str = ""


@dataclass(frozen=True)
class ReportView:
    """One experiment, ready to draw.

    Attributes:
        title: the experiment's name.
        subject: what ran on what, in one line.
        configurations: how many were tried.
        counts: planned, done, skipped, failed, pruned runs.
        metric: what the search looked at.
        noise_sharpe: annual Sharpe ratio the best of as many skill-free configurations is expected
            to show; None when not computed.
        entries: the leaderboard, best first, then baseline and buy-and-hold.
        facts: further name and value pairs: data, settings, versions.
        command: what reproduces it.
    """

    id: str
    title: str
    subject: str
    status: str
    created: str
    configurations: int
    metric: str
    entries: tuple[Entry, ...]
    equity: Equity
    description: str = ""
    hypothesis: str = ""
    tags: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    noise_sharpe: float | None = None
    heat_maps: tuple[HeatMap, ...] = ()
    maps_note: str = ""
    distribution: Distribution | None = None
    facts: tuple[tuple[str, str], ...] = ()
    command: str = ""
