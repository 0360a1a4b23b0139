"""Weights of a run that holds several positions: of a universe, or of sleeves of one symbol."""

import numpy as np

from kernels.engine.evaluation import Trace
from kernels.engine.position import END
from kernels.jit.array_types import Floats
from kernels.portfolio.evaluate import PanelTrace, panel_of
from kernels.portfolio.sleeves import SleevesTrace
from kernels.series.bars import Series


def last_shares(traced: Trace, series: Series) -> Floats:
    """(N,) shares at the last close of each symbol of a universe, or (1,) of one symbol.

    Args:
        traced: through the last bar of the series.
        series: a panel, or the bars of one symbol.
    """
    if isinstance(traced, PanelTrace):
        last = series.n_bars - 1
        shares = traced.shares_at(np.array([last]))[0]
        return np.where(panel_of(series).last < last, 0.0, shares)
    if isinstance(traced, SleevesTrace):
        held = [_size(member) for member in traced.members]
        return np.array([np.dot(held, traced.scales[:, -1])])
    return np.array([_size(traced)])


def last_weights(traced: Trace, series: Series) -> Floats:
    """(N,) the same as shares of the equity; zeros once all of it is lost."""
    shares = last_shares(traced, series)
    if not traced.equity[-1] > 0:
        return np.zeros_like(shares)
    prices = series.columns["close"][-1:]
    if isinstance(traced, PanelTrace):
        prices = panel_of(series).marks[:, -1]
    weights: Floats = np.where(shares == 0.0, 0.0, shares * prices) / traced.equity[-1]
    return weights


def _size(traced: Trace) -> float:
    """Signed size of what one strategy holds of one symbol at the end."""
    if traced.left is not None:
        return traced.left.size
    trades = traced.trades[traced.trades["exit_reason"] == END]
    return float((trades["side"] * trades["size"]).sum())
