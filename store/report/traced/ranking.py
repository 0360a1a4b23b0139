"""Ranking of the drawn run: its coefficients, quantiles, holdings and turnover by rebalance."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels.portfolio.evaluate import PanelTrace
from kernels.portfolio.panel import Panel
from store.replay.holdings import holdings_frame
from store.report.traced.ranking_view import Ranking
from store.report.traced.trades import TracedRun

QUANTILES = 5
SHOWN = 40
"""Symbols in the map of holdings, those held most often."""
FEWEST = 3
"""Symbols with a score and a return that a correlation needs."""

Floats = NDArray[np.float64]


def ranking_of(case: TracedRun | None) -> Ranking | None:
    """The ranking of a run; None when it cannot be traced, or ranks nothing."""
    if case is None:
        return None
    run = case.run
    traced, panel = case.traced, case.data.series()
    if not isinstance(traced, PanelTrace) or not isinstance(panel, Panel):
        return None
    if not np.isfinite(traced.scores).any():
        return None  # pairs and sleeves rank nothing
    places = traced.bars + 1 - case.window[0]
    held = holdings_frame(traced, panel, case.window[0], case.index).iloc[places]
    often = (held != 0).sum().sort_values(kind="stable").tail(SHOWN)
    often = often[often > 0]
    times = pd.DatetimeIndex(case.data.frame.index)[traced.bars]
    return Ranking(
        title=f"Run {run['run']}, {run['strategy']} on {run['symbol']}, window {run['window']}",
        times=tuple(times.strftime("%Y-%m-%d %H:%M")),
        ics=tuple(coefficients(traced.scores, traced.returns)),
        quantiles=tuple(quantile_returns(traced.scores, traced.returns).tolist()),
        symbols=tuple(str(name) for name in often.index),
        weights=tuple(tuple(held[name].round(4).tolist()) for name in often.index),
        turnover=tuple(_turnover(case, traced, panel).round(4).tolist()),
        note=_note(len(often), int((held != 0).any().sum())),
    )


def coefficients(scores: Floats, returns: Floats) -> list[float | None]:
    """Correlation of scores and returns (R, N) of each period; None with too few symbols."""
    values: list[float | None] = []
    for score, gain in zip(scores, returns, strict=True):
        both = np.isfinite(score) & np.isfinite(gain)
        spread = both.sum() >= FEWEST and np.ptp(score[both]) > 0 and np.ptp(gain[both]) > 0
        value = float(np.corrcoef(score[both], gain[both])[0, 1]) if spread else math.nan
        values.append(None if math.isnan(value) else float(f"{value:.4g}"))
    return values


def quantile_returns(scores: Floats, returns: Floats, n: int = QUANTILES) -> Floats:
    """Mean over periods of the mean return of each quantile of the score, (n,), lowest first.

    Symbols are cut by rank, equal scores in their order; a period with fewer than n symbols does
    not count. NaN without a period.
    """
    rows = []
    for score, gain in zip(scores, returns, strict=True):
        both = np.flatnonzero(np.isfinite(score) & np.isfinite(gain))
        if both.size >= n:
            order = both[np.argsort(score[both], kind="stable")]
            rows.append([gain[part].mean() for part in np.array_split(order, n)])
    return np.array(rows).mean(axis=0) if rows else np.full(n, np.nan)


def _turnover(case: TracedRun, traced: PanelTrace, panel: Panel) -> Floats:
    """(R,) value traded at each fill over the equity at the close before."""
    before = np.vstack([np.zeros((1, traced.shares.shape[1])), traced.shares[:-1]])
    opens = panel.values("open")[:, traced.bars + 1].T
    value = np.nansum(np.abs(traced.shares - before) * opens, axis=1)
    at = traced.bars - case.window[0]
    capital = float(case.again.settings.initial_capital)
    equity = np.where(at >= 0, traced.equity[np.maximum(at, 0)], capital)
    return np.asarray(value / equity, np.float64)


def _note(shown: int, held: int) -> str:
    return f"The {shown} of {held:,} symbols that were held most often." if shown < held else ""
