"""Price of a run's window with its trades drawn in."""

from typing import Any

import numpy as np
import pandas as pd

from store.report.equity import thin
from store.report.figures.style import LEGEND, Figure, digits

SIGNS = {
    "entry": ("entries", "triangle-up", "var(--best)"),
    "exit": ("exits", "triangle-down", "var(--mark)"),
}


def price_figure(frame: pd.DataFrame, trades: pd.DataFrame, window: tuple[int, int]) -> Figure:
    """Closes as a line, entries and exits as marks.

    Args:
        frame: bars with `close`, their times as index.
        trades: of `store.replay.retrace`.
        window: bars [start, stop) that the run is on.
    """
    part = frame.iloc[slice(*window)]
    closes = part["close"].to_numpy(dtype=np.float64)
    shown = thin([closes])
    line: Figure = {
        "type": "scatter",
        "mode": "lines",
        "name": "close",
        "x": _texts(pd.DatetimeIndex(part.index)[shown]),
        "y": [digits(value, 6) for value in closes[shown].tolist()],
        "line": {"color": "var(--hold)", "width": 1.2},
    }
    marks = [_marks(trades, end) for end in SIGNS]
    return {
        "data": [line, *marks],
        "layout": {
            "height": 360,
            "hovermode": "closest",
            "legend": LEGEND,
            "xaxis": {"type": "date"},
            "yaxis": {"title": {"text": "price"}},
        },
    }


def _marks(trades: pd.DataFrame, end: str) -> Figure:
    name, symbol, colour = SIGNS[end]
    returns: Any = trades["return"].map("{:+.1%}".format)
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": _texts(pd.DatetimeIndex(trades[f"{end}_time"])),
        "y": [digits(value, 6) for value in trades[f"{end}_price"].tolist()],
        "text": returns.tolist(),
        "hovertemplate": "%{x}<br>%{y} (trade %{text})<extra></extra>",
        "marker": {"symbol": symbol, "size": 8, "color": colour},
    }


def _texts(times: pd.DatetimeIndex) -> list[str]:
    return [str(text) for text in times.strftime("%Y-%m-%d %H:%M")]
