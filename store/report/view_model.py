"""View model of a report, as plain data: built by `build_view`, drawn by `html`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from store.analysis.best_plateau import Peak
from store.analysis.suggestion import Suggestion
from store.luck.record import Luck
from store.report.number_format import param_text
from store.report.traced.ranking_view import Ranking
from store.report.traced.trades_view import Trades

Role = Literal["best", "centre", "baseline", "hold"]
"""The best run, the middle of its family's best plateau, the strategy's defaults, or buying at the
start and holding."""


@dataclass(frozen=True)
class Entry:
    """One line of the leaderboard.

    Attributes:
        role: None for a ranked run, else what it stands next to them for.
        run: its number in the experiment; None for buy-and-hold.
        params: by name, in the strategy's order.
        metrics: by name, units as in `kernels`; NaN and infinity as they are.
        words: that were swept, such as `fill`, by name.
    """

    role: Role | None
    run: int | None
    strategy: str
    symbol: str
    direction: str
    window: str
    params: Mapping[str, float]
    metrics: Mapping[str, float]
    words: Mapping[str, str] = field(default_factory=dict)

    @property
    def values(self) -> tuple[tuple[str, str], ...]:
        """Parameters, settings and words as texts."""
        numbers = ((name, param_text(value)) for name, value in self.params.items())
        return (*numbers, *self.words.items())


@dataclass(frozen=True)
class HeatMap:
    """A metric over one or two parameters of a family.

    Attributes:
        group: strategy, symbol and direction.
        metric: what the cells hold.
        x_name: parameter along x; y_name: along y, empty when only one varies.
        x: (nx,) values, ascending; y: (ny,), one empty cell when only one varies.
        z: (ny, nx), None where there is no run.
        higher_is_better: which end of the scale is good.
        note: what a cell stands for when it is more than one run.
        best: column and row of the best run; None when it has no place.
        centre: of the middle of the best plateau, the same.
        single_steps: whether a cell is one step of the grid, so that a plateau is 3 by 3 cells.
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
    best: tuple[int, int] | None = None
    centre: tuple[int, int] | None = None
    single_steps: bool = False


@dataclass(frozen=True)
class Profile:
    """A metric by the values of one parameter: k levels, ascending.

    Attributes:
        name: of the parameter.
        x: (k,) values, or the middle of each part of them.
        low, middle, high: (k,) 10th, 50th and 90th percentile of the metric.
        top: (k,) the best.
        best: value of the best run; centre: of the middle of the best plateau; None when off.
    """

    name: str
    x: tuple[float, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]
    top: tuple[float, ...]
    best: float | None = None
    centre: float | None = None


@dataclass(frozen=True)
class Importance:
    """Which parameters of a family matter, each a share; NaN where that cannot be said.

    Attributes:
        effects: of the variance of all runs that each alone explains.
        among_best: in being among the best tenth; empty for a family too small to ask.
    """

    family: str
    runs: int
    effects: Mapping[str, float]
    among_best: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Axis:
    """One upright of the parallel coordinates: `ticks` places from 0 to 1 with their text."""

    name: str
    ticks: tuple[tuple[float, str], ...]


@dataclass(frozen=True)
class Lines:
    """Parallel coordinates of m configurations, worst first.

    Attributes:
        axes: parameters, and last the metric.
        places: (m, axes) from 0 to 1.
        texts: (m,) what each line is.
        ranks: (m,) 0 to 1, the share of all runs that each is better than.
        note: how many are shown, and which.
    """

    axes: tuple[Axis, ...]
    places: tuple[tuple[float, ...], ...]
    texts: tuple[str, ...]
    ranks: tuple[float, ...]
    note: str


@dataclass(frozen=True)
class Curve:
    """Growth of 1 over time: `times` ISO, `values` equity over the first, both (n,)."""

    role: Role
    label: str
    times: tuple[str, ...]
    values: tuple[float, ...]


@dataclass(frozen=True)
class Months:
    """Returns by calendar month, fractions.

    Attributes:
        role, label: whose.
        years: (y,) ascending.
        months: (y, 12), None where there are no bars.
        totals: (y,) of each year, the same.
    """

    role: Role
    label: str
    years: tuple[int, ...]
    months: tuple[tuple[float | None, ...], ...]
    totals: tuple[float | None, ...]


@dataclass(frozen=True)
class Record:
    """Metrics of one curve, by name."""

    role: Role
    label: str
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Equity:
    """Curves of one symbol and window, or of test windows in a row, or why there are none.

    Attributes:
        title: the run, symbol and window.
        notes: what a reader should know of the curves, a sentence each.
        problem: why nothing is drawn; empty when something is.
        months: of each curve.
        marks: times at which the windows begin that a curve is made of; empty of one window.
        records: metrics of such curves.
    """

    title: str
    curves: tuple[Curve, ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    months: tuple[Months, ...] = ()
    marks: tuple[str, ...] = ()
    records: tuple[Record, ...] = ()


@dataclass(frozen=True)
class Distribution:
    """Histogram of the metric over the runs.

    Attributes:
        edges: (n + 1,); counts: (n,).
        expected: (n,) of as many runs without skill; empty where that is not known.
        note: what is not drawn.
    """

    metric: str
    edges: tuple[float, ...]
    counts: tuple[int, ...]
    note: str = ""
    expected: tuple[float, ...] = ()


@dataclass(frozen=True)
class Gap:
    """Train against test.

    Attributes:
        metric: of both.
        train, test: (m,) of the runs that are drawn; texts: (m,) what each is.
        best: train and test of the best on train; None without a test value.
        error: standard error of a gap without overfitting; None where it is not known.
        beyond: share of all runs whose test falls short by more than chance explains.
        correlation: rank correlation of train and test over all runs; NaN where there is none.
        note: how many are drawn.
    """

    metric: str
    train: tuple[float, ...]
    test: tuple[float, ...]
    texts: tuple[str, ...]
    best: tuple[float, float] | None
    error: float | None
    beyond: float | None
    correlation: float
    note: str


@dataclass(frozen=True)
class TradeOff:
    """The configurations of a search for several metrics, by the first two of them.

    Attributes:
        goals: every metric searched for, with max or min.
        x, y: (m,) the first and the second metric of those that are drawn; texts: (m,) what each
            is.
        size: how many none beats in all metrics.
        front: entries of those that are drawn, best by the first metric first.
        note: how many are drawn; empty when all are.
    """

    goals: tuple[tuple[str, str], ...]
    x: tuple[float, ...]
    y: tuple[float, ...]
    texts: tuple[str, ...]
    size: int
    front: tuple[Entry, ...]
    note: str = ""


@dataclass(frozen=True)
class Caution:
    """A warning: what is the matter, and what that means here."""

    title: str
    text: str


@dataclass(frozen=True)
class Step:
    """Next step: its purpose, and its command."""

    purpose: str
    command: str


@dataclass(frozen=True)
class ReportView:
    """One experiment, ready to draw.

    Attributes:
        title: the experiment's name.
        subject: what ran on what, in one line.
        symbols: of the experiment.
        configurations: how many were tried.
        counts: planned, done, skipped, failed, pruned runs.
        metric: what the search looked at.
        luck: the luck line; None when it was not measured.
        luck_text: what it says of the best, or what measures it: sentences.
        elsewhere: which runs earlier experiments have made; empty when none.
        entries: the leaderboard, best first, then plateau centre, baseline and buy-and-hold.
        trades: of the run that is drawn; None where it has none, or cannot be run again.
        ranking: of the run that is drawn, if it ranks a universe.
        by_configuration: as `store.query.configuration_leaderboard` gives them; empty of one or two
            symbols.
        trade_off: None unless several metrics were searched for.
        suggestion: what to look at next; None when nothing varied, or nothing finished.
        walk_forward, cpcv: as `store.analysis.windows.analyse` gives them.
        walk: of the walk-forwards that of the best run; None without, and when a run was asked for.
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
    trades: Trades | None = None
    ranking: Ranking | None = None
    description: str = ""
    hypothesis: str = ""
    tags: tuple[str, ...] = ()
    symbols: tuple[str, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    luck: Luck | None = None
    luck_text: str = ""
    elsewhere: str = ""
    cautions: tuple[Caution, ...] = ()
    heat_maps: tuple[HeatMap, ...] = ()
    maps_note: str = ""
    peaks: tuple[Peak, ...] = ()
    by_configuration: tuple[Mapping[str, Any], ...] = ()
    importance: tuple[Importance, ...] = ()
    profiles: tuple[Profile, ...] = ()
    profiles_of: str = ""
    lines: Lines | None = None
    distribution: Distribution | None = None
    gap: Gap | None = None
    trade_off: TradeOff | None = None
    suggestion: Suggestion | None = None
    walk_forward: tuple[Mapping[str, object], ...] = ()
    cpcv: tuple[Mapping[str, object], ...] = ()
    walk: Mapping[str, Any] | None = None
    steps: tuple[Step, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    command: str = ""
