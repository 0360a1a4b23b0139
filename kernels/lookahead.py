"""Does a strategy look ahead? Change the bars to come, and no code of the bars before may move.

A code is decided at the close of its bar, so it may depend on that bar and on those before it.
Here the bars from some bar on, the cut, are raised, lowered, or taken away, in all columns; then
indicators and codes are computed again and the codes before the cut compared, bit for bit. Raised
and lowered, as a leak shows one way only when a code is already where it leads. A statistic of the
whole series (its mean, its highest close) moves with any of these. A test by examples: it finds
what is used, not what might be. So cuts are put where codes are about to turn.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from kernels.indicator_rows import Plan, plan_rows
from kernels.jit.array_types import Bools, Floats, Ints, read_only
from kernels.portfolio.lookahead import find_panel_cheat
from kernels.portfolio.panel import Panel
from kernels.registry import Strategy
from kernels.series.bars import Series
from kernels.series.clock import CLOCK
from kernels.series.longer import Longer, longer_row, periods_of
from kernels.strategy import HOLD

BARS = 600
"""Bars that are looked at after the indicators are warm."""

LONGEST = 10_000
"""Bars that are looked at at most."""

STRETCH = 64
"""Cuts in a row from the first warm bar on."""

TURNS = 40
"""Turns of the code that are cut just before and just after."""

SCATTERED = 32
"""Cuts at random."""

GUARD = 64
"""NaN beyond the last bar, so that reading bar i + 1 of the last one gives no random memory."""

RAISED = {"open": 20.0, "high": 40.0, "low": 15.0, "close": 30.0, "volume": 30.0}
LOWERED = {"open": 1 / 20, "high": 1 / 15, "low": 1 / 40, "close": 1 / 30, "volume": 1 / 30}
"""Factors unlike each other, so that a raised bar closes above its open and a lowered one below,
whatever it did before; low <= open, close <= high stays."""


@dataclass(frozen=True)
class Cheat:
    """A code that moved though its bar and those before it had not.

    Attributes:
        bar: whose code it is.
        cut: first bar that was changed, above `bar`; the number of bars for shock `again`.
        params: (p,) in the order of the strategy's fields.
        shock: what was done to the bars from `cut` on: up, down, or gone. `again` is none: the
            same bars were run a second time and gave another code.
    """

    bar: int
    cut: int
    params: tuple[float, ...]
    shock: str


def find_cheat(strategy: Strategy, params: Floats, series: Series) -> Cheat | None:
    """The first cheat found, None when there is none.

    Args:
        strategy: of `load`.
        params: (n, p) to try, columns in the order of `strategy.fields`; checked by the caller.
        series: bars to try it on, the first ones are used; it has the columns the strategy needs.

    Raises:
        Exception: whatever the strategy raises on the changed bars.
    """
    for name, member in strategy.members:
        columns = [strategy.fields.index(f"{name}__{field}") for field in member.fields]
        cheat = find_cheat(member, np.unique(params[:, columns], axis=0), series)
        if cheat is not None:
            return cheat
    if strategy.members:
        return None
    if isinstance(series, Panel):
        of_panel = find_panel_cheat(strategy, params, series)
        return None if of_panel is None else Cheat(*of_panel)
    for row in np.ascontiguousarray(params, np.float64):
        plan = plan_rows(strategy, row[None])
        longer = {f.timeframe for f, _ in plan.calls if isinstance(f, Longer)}
        periods = {timeframe: periods_of(series, timeframe) for timeframe in longer}
        cheat = _check(_Rule(strategy, row, plan, periods), series)
        if cheat is not None:
            return cheat
    return None


@dataclass(frozen=True, eq=False)
class _Rule:
    """A strategy with the params of one configuration, (p,), and the rows they ask for."""

    strategy: Strategy
    params: Floats
    plan: Plan
    periods: Mapping[str, tuple[Ints, Bools]]

    def rows(self, columns: Mapping[str, Floats], n: int) -> Floats:
        """Indicator rows on the first n bars, (n_rows, n + GUARD)."""
        table = np.full((len(self.plan.calls), n + GUARD), np.nan)
        for place, (function, arguments) in enumerate(self.plan.calls):
            if isinstance(function, Longer):
                number, closed = self.periods[function.timeframe]
                short = {a: columns[a][:n] for a in arguments if isinstance(a, str)}
                periods = (number[:n], closed[:n])
                table[place, :n] = longer_row(function, arguments, short, periods)
                continue
            values = (columns[a][:n] if isinstance(a, str) else a for a in arguments)
            table[place, :n] = function(*values)
        return table

    def signal(self, table: Floats, n: int) -> Floats:
        """Codes or weights, and levels if it writes some, (1 or 4, n), from such rows."""
        strategy, rows = self.strategy, self.plan.index[0]
        decided = np.full((4 if strategy.levels else 1, n), np.nan)
        if strategy.contract == "weight":
            strategy.signal(table, rows, self.params, decided[0])
        else:
            codes = np.full(n, HOLD, np.int8)
            strategy.signal(table, rows, self.params, codes)
            decided[0] = codes
        if strategy.levels:
            strategy.levels(table, rows, self.params, *decided[1:])
        return decided

    def codes(self, columns: Mapping[str, Floats], n: int) -> Floats:
        """Decisions on the first n bars."""
        return self.signal(self.rows(columns, n), n)

    def cheat(self, codes: Floats, expected: Floats, cut: int, shock: str) -> Cheat | None:
        """The last code before the cut that is not as expected, if there is one."""
        now, before = codes[:, :cut], expected[:, :cut]
        same = (now == before) | (np.isnan(now) & np.isnan(before))
        moved = np.flatnonzero(~same.all(axis=0))
        return (
            Cheat(int(moved[-1]), cut, tuple(self.params.tolist()), shock) if len(moved) else None
        )


def _check(rule: _Rule, series: Series) -> Cheat | None:
    longest = min(series.n_bars, LONGEST)
    clocked = series.clocked(rule.strategy.columns)
    base = {name: _guarded(column[:longest]) for name, column in clocked.items()}
    table = rule.rows(base, longest)
    expected = rule.signal(table, longest)
    again = (rule.signal(table, longest), rule.codes(base, longest))  # rows spoilt; rule random
    for codes in again:
        if cheat := rule.cheat(codes, expected, longest, "again"):
            return cheat
    warm = max(_first_warm(table[:, :longest]), _longest_length(rule.params, longest))
    n, cuts = _cuts(np.nan_to_num(expected[0]), warm)
    for shock in ("up", "down", "gone"):
        # Compiled code checks no bounds: never give an indicator fewer bars than its length.
        safe = cuts[cuts > max(warm, n // 2)] if shock == "gone" else cuts
        for cut, columns, left in _shocked(base, safe, n, shock):
            if cheat := rule.cheat(rule.codes(columns, left), expected, cut, shock):
                return cheat
    return None


def _first_warm(rows: Floats) -> int:
    """The first bar at which every row has had a number; rows without any do not count."""
    finite = np.isfinite(rows)
    return int(finite.argmax(axis=1)[finite.any(axis=1)].max(initial=0))


def _longest_length(params: Floats, n: int) -> int:
    """The highest of the params, as far as they may be lengths."""
    return int(params[params < n].max(initial=0))


def _cuts(codes: Floats, warm: int) -> tuple[int, Ints]:
    """Numbers of bars to look at, and where to cut them: ascending, each in 1..n-1."""
    turns = np.flatnonzero(np.diff(codes)) + 1
    turns = turns[turns >= warm]
    last = int(turns[:8].max(initial=0))  # rules that seldom turn get more bars
    n = min(codes.size, max(warm, last) + BARS)
    near = turns[turns < n]
    near = near[np.linspace(0, near.size - 1, min(TURNS, near.size)).astype(np.int64)]
    scattered = np.random.default_rng(0).integers(1, max(2, n), SCATTERED)
    stretch = np.arange(warm, warm + STRETCH) + 1
    cuts = np.unique(np.concatenate([near, near + 1, stretch, scattered]))
    return n, cuts[(cuts >= 1) & (cuts < n)]


def _shocked(
    base: Mapping[str, Floats], cuts: Ints, n: int, shock: str
) -> Iterator[tuple[int, Mapping[str, Floats], int]]:
    """For each cut its number, the columns, the same arrays every time, and how many bars count."""
    if shock == "gone":
        yield from ((int(cut), base, int(cut)) for cut in cuts)
        return
    changed = {name: _moved(name, column[:n], shock) for name, column in base.items()}
    views = {name: read_only(column) for name, column in changed.items()}
    before = 0
    for cut in cuts:
        for name, column in changed.items():
            column[before:cut] = base[name][before:cut]
        before = cut
        yield int(cut), views, n


def _guarded(values: Floats) -> Floats:
    """A read-only copy with NaN behind its end."""
    room = np.full(values.size + GUARD, np.nan)
    room[: values.size] = values
    return read_only(room[: values.size])


def _moved(name: str, values: Floats, shock: str) -> Floats:
    """All values raised or lowered; those of a feature beyond all it has ever shown."""
    room = np.full(values.size + GUARD, np.nan)
    if name in CLOCK:  # what the calendar says is known before
        room[: values.size] = values
    elif name in RAISED:
        room[: values.size] = values * (RAISED if shock == "up" else LOWERED)[name]
    else:
        size = np.abs(values[np.isfinite(values)]).max(initial=0.0) or 1.0
        far = 30.0 * size if shock == "up" else -30.0 * size
        room[: values.size] = np.where(np.isfinite(values), values, 0.0) + far
    return room[: values.size]
