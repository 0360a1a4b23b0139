"""Bars that a bot needs before its signals equal those of the whole history, measured."""

import numpy as np
import pandas as pd

from kernels.indicator_rows import plan_rows
from kernels.jit.array_types import Codes, Floats, Ints
from kernels.portfolio.features import Cube
from kernels.portfolio.panel import Panel, panel_from
from kernels.registry import Strategy
from kernels.strategy import HOLD
from store.replay.replay import Replay

TIMES = (1, 2, 3, 5, 8, 12, 20)
"""Multiples of the longest parameter that are tried."""
SAMPLES = 40
"""Bars whose signals are compared."""
PANEL_SAMPLES = 8
"""Bars whose scores are compared."""
LEAST = 30
GUARD = 64


def codes_of(strategy: Strategy, params: Floats, columns: dict[str, Floats]) -> Codes:
    """(n,) signal codes of one configuration on columns of n bars."""
    n = next(iter(columns.values())).size
    plan = plan_rows(strategy, params[None])
    table = np.full((len(plan.calls), n + GUARD), np.nan)
    for place, (function, arguments) in enumerate(plan.calls):
        table[place, :n] = function(*(columns[a] if isinstance(a, str) else a for a in arguments))
    codes = np.full(n, HOLD, np.int8)
    strategy.signal(table, plan.index[0], params, codes)
    return codes


def warm_up(again: Replay, frame: pd.DataFrame) -> int | None:
    """Fewest of the tried numbers of bars from which the last signals all equal the true ones.

    Args:
        again: the profile, ready to run.
        frame: all of its bars.

    Returns:
        Bars; None where none of the tried numbers suffices, or the history is too short to tell.
    """
    columns = {str(name): frame[name].to_numpy(np.float64) for name in frame.columns}
    params = np.ascontiguousarray(again.params, np.float64)
    true = forced(codes_of(again.strategy, params, columns))
    longest = int(params[params < len(frame)].max(initial=1))
    for times in TIMES:
        bars = max(LEAST, longest * times)
        if bars + SAMPLES > len(frame):
            return None
        if _equal(again.strategy, params, columns, true, bars):
            return bars
    return None


def scores_at(strategy: Strategy, row: Floats, panel: Panel, bars: Ints) -> Floats:
    """(B, N) scores of one configuration of a ranking at some bars."""
    plan = plan_rows(strategy, row[None])
    cube = Cube(plan, panel, strategy, bars.size)
    calls = cube.fetch(np.arange(1))[0]
    table, places = cube.at(calls, bars), np.arange(calls.size)
    scores = np.full((bars.size, len(panel.symbols)), np.nan)
    for values, out in zip(table, scores, strict=True):
        strategy.signal(values, places, row, out)
    return scores


def panel_warm_up(again: Replay, panel: Panel) -> int | None:
    """The same of a ranking: fewest bars from which the scores all equal the true ones.

    None, too, of a pair and of sleeves: what they hold depends on all bars since they began.
    """
    if again.strategy.contract != "score":
        return None
    row = np.ascontiguousarray(again.params, np.float64)
    longest = int(row[row < panel.n_bars].max(initial=1))
    for times in TIMES:
        bars = max(LEAST, longest * times)
        if bars + PANEL_SAMPLES > panel.n_bars:
            return None
        ends = np.unique(np.linspace(bars, panel.n_bars, PANEL_SAMPLES).astype(np.int64))
        true = scores_at(again.strategy, row, panel, ends - 1)
        seen = [_scores_seen(again.strategy, row, panel, end, bars) for end in ends.tolist()]
        if np.array_equal(true, np.stack(seen), equal_nan=True):
            return bars
    return None


def _scores_seen(strategy: Strategy, row: Floats, panel: Panel, end: int, bars: int) -> Floats:
    """(N,) scores at bar `end` - 1, seen through a window of `bars` bars."""
    table = {name: values[:, end - bars : end] for name, values in panel.table.items()}
    window = panel_from(panel.symbols, table, None, None)
    seen: Floats = scores_at(strategy, row, window, np.array([bars - 1]))[0]
    return seen


def forced(codes: Codes) -> Codes:
    """(n,) the code in force at each bar: HOLD carries the one before, 0 at first."""
    recorded = np.maximum.accumulate(np.where(codes != HOLD, np.arange(codes.size), -1))
    return np.where(recorded >= 0, codes[np.maximum(recorded, 0)], 0).astype(np.int8)


def _equal(
    strategy: Strategy, params: Floats, columns: dict[str, Floats], true: Codes, bars: int
) -> bool:
    """The last code seen through a window of `bars` bars is the true one, at each sampled bar."""
    n = true.size
    for end in np.unique(np.linspace(bars, n, SAMPLES).astype(int)):
        seen = {name: values[end - bars : end].copy() for name, values in columns.items()}
        if forced(codes_of(strategy, params, seen))[-1] != true[end - 1]:
            return False
    return True
