"""Look-ahead check of a score: change the bars to come, and no score of the bars before may move.

As `kernels.lookahead` does it for codes, on some symbols of the panel: bars from a cut on are
raised, lowered (each symbol by another factor), or taken away, rows and scores are computed again,
and the scores of bars before the cut compared, bit for bit.
"""

from collections.abc import Iterator

import numpy as np

from kernels.indicator_rows import plan_rows
from kernels.jit.array_types import Floats, Ints, read_only
from kernels.portfolio.features import Cube
from kernels.portfolio.pairs import NEEDED
from kernels.portfolio.panel import Panel, panel_from
from kernels.portfolio.spread import spread
from kernels.registry import Strategy

SYMBOLS = 24
"""Symbols that are looked at."""
BARS = 300
"""Bars that are looked at after the rows are warm."""
CUTS = 8
"""Cuts that are tried."""

Found = tuple[int, int, tuple[float, ...], str]
"""Bar whose score moved, the cut, the params, and what was done to the bars from it on."""


def find_panel_cheat(strategy: Strategy, params: Floats, panel: Panel) -> Found | None:
    """The first score found that depends on later bars; None when there is none.

    Args:
        strategy: of `load`, with the contract `score` or `pair`.
        params: (n, p) to try.
        panel: bars to try it on; the longest-lived symbols and the first bars are used.
    """
    for row in np.ascontiguousarray(params, np.float64):
        if strategy.contract == "pair":
            cheat = _check_pair(strategy, row, panel)
        else:
            cheat = _check(strategy, row, _part(panel, row))
        if cheat is not None:
            return cheat
    return None


def _part(panel: Panel, row: Floats) -> Panel:
    """Some symbols of the panel on bars enough to warm the longest length among the params."""
    longest = int(row[row < panel.n_bars].max(initial=0))
    stop = min(panel.n_bars, 2 * longest + BARS)
    life = np.minimum(panel.last, stop - 1) - panel.first
    places = np.sort(np.argsort(-life, kind="stable")[:SYMBOLS])
    table = {name: values[places, :stop] for name, values in panel.table.items()}
    return panel_from(tuple(panel.symbols[i] for i in places), table, None, None)


def _scores(strategy: Strategy, row: Floats, panel: Panel) -> Floats:
    """(T, N) at every bar."""
    plan = plan_rows(strategy, row[None])
    cube = Cube(plan, panel, strategy, 1)
    calls = cube.fetch(np.arange(1))[0]
    places = np.arange(calls.size)
    out = np.full((panel.n_bars, len(panel.symbols)), np.nan)
    for t in range(panel.n_bars):  # bar by bar, as no backtest asks for them
        strategy.signal(cube.at(calls, np.array([t]))[0], places, row, out[t])
    return out


def _check(strategy: Strategy, row: Floats, panel: Panel) -> Found | None:
    expected = _scores(strategy, row, panel)
    params = tuple(row.tolist())
    again = _moved(_scores(strategy, row, panel), expected, panel.n_bars)
    if again is not None:
        return again, panel.n_bars, params, "again"
    for cut in _cuts(expected):
        for shock, changed in _shocked(panel, cut):
            bar = _moved(_scores(strategy, row, changed), expected, cut)
            if bar is not None:
                return bar, cut, params, shock
    return None


def _check_pair(strategy: Strategy, row: Floats, panel: Panel) -> Found | None:
    """A pair's side by its z-scores, which are causal: those to come are turned round or gone."""
    first, second, length = (int(row[strategy.fields.index(name)]) for name in NEEDED)
    close = panel.values("close")
    _, zscores = spread(read_only(close[first]), read_only(close[second]), length)

    def sides(values: Floats) -> Floats:
        out = np.zeros(values.size, np.int8)
        strategy.signal(values, row, out)
        return out[:, None].astype(np.float64)

    expected = sides(zscores)
    for cut in _cuts(np.where(expected != 0, expected, np.nan)):
        turned = zscores.copy()
        turned[cut:] *= -3.0
        for shock, changed in (("again", zscores), ("up", turned), ("gone", zscores[:cut].copy())):
            bar = _moved(sides(changed), expected, cut)
            if bar is not None:
                return bar, cut, tuple(row.tolist()), shock
    return None


def _cuts(scores: Floats) -> list[int]:
    """Cuts from the first ranked bar on, and before the last; ascending."""
    ranked = np.flatnonzero(np.isfinite(scores).any(axis=1))
    first = int(ranked[0]) if ranked.size else len(scores) // 2
    cuts = np.unique(np.linspace(first + 1, len(scores) - 1, CUTS).astype(np.int64))
    return [int(cut) for cut in cuts if 0 < cut < len(scores)]


def _shocked(panel: Panel, cut: int) -> Iterator[tuple[str, Panel]]:
    """The panel with its bars from the cut on raised, lowered and taken away."""
    factors: Floats = np.linspace(2.0, 9.0, len(panel.symbols))[::-1, None]
    for shock, factor in (("up", factors), ("down", 1.0 / factors)):
        table = {}
        for name, values in panel.table.items():
            changed = values.copy()
            changed[:, cut:] *= factor
            table[name] = changed
        yield shock, panel_from(panel.symbols, table, None, None)
    yield "gone", panel.before(cut)


def _moved(scores: Floats, expected: Floats, cut: int) -> int | None:
    """The last bar before the cut at which some score is not as expected."""
    n = min(cut, len(scores))
    same = (scores[:n] == expected[:n]) | (np.isnan(scores[:n]) & np.isnan(expected[:n]))
    bars: Ints = np.flatnonzero(~same.all(axis=1))
    return int(bars[-1]) if bars.size else None
