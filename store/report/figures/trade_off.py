"""The first two of several metrics, with what none beats, and what to compare it with."""

import math
from collections.abc import Sequence

from store.analysis.pareto import ENDS
from store.report.figures.style import COLOURS, LEGEND, Figure, digits, hover, plain
from store.report.number_format import axis_format, metric_label, param_text
from store.report.table import ROLE_NAMES
from store.report.view_model import Entry, TradeOff


def trade_off_figure(trade_off: TradeOff, entries: Sequence[Entry]) -> Figure:
    """A dot for each configuration; both axes run so that better is up and to the right.

    Args:
        trade_off: what to draw.
        entries: of the report, of which those with a role are marked.
    """
    front = [_entry_text(entry) for entry in trade_off.front]
    names = [name for name, _ in trade_off.goals[:2]]
    x, y = ([entry.metrics[name] for entry in trade_off.front] for name in names)
    # Between two metrics the front is a staircase; of more it is seen from one side only.
    line = {"shape": "vh", "width": 1.4, "color": "var(--best)"}
    return {
        "data": [
            _dots(trade_off, "every configuration", trade_off.x, trade_off.y, trade_off.texts)
            | {"marker": {"size": 4, "color": "var(--hold)", "opacity": 0.4}},
            _dots(trade_off, "beaten by none", x, y, front)
            | {"mode": "markers" + "+lines" * (len(trade_off.goals) == 2), "line": line}
            | {"marker": {"size": 8, "color": "var(--best)"}},
            *(_beside(trade_off, entry) for entry in entries if entry.role in ("baseline", "hold")),
        ],
        "layout": {
            "height": 440,
            "hovermode": "closest",
            "legend": LEGEND,
            "xaxis": _axis(*trade_off.goals[0]),
            "yaxis": _axis(*trade_off.goals[1]),
        },
    }


def _dots(
    trade_off: TradeOff,
    name: str,
    x: Sequence[float],
    y: Sequence[float],
    texts: Sequence[str],
) -> Figure:
    (first, _), (second, _) = trade_off.goals[:2]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [_finite(value) for value in x],
        "y": [_finite(value) for value in y],
        "text": [plain(text) for text in texts],
        "hovertemplate": (
            f"%{{text}}<br>{metric_label(first)} %{{x:{hover(first)}}}, "
            f"{metric_label(second)} %{{y:{hover(second)}}}<extra></extra>"
        ),
    }


def _beside(trade_off: TradeOff, entry: Entry) -> Figure:
    """Points that the front is compared with."""
    assert entry.role is not None
    x, y = ([entry.metrics[name]] for name, _ in trade_off.goals[:2])
    name = ROLE_NAMES[entry.role]
    marker = {"symbol": "diamond", "size": 10, "color": COLOURS[entry.role]}
    return _dots(trade_off, name, x, y, [name]) | {"marker": marker}


def _finite(value: float) -> float | None:
    """A place on an axis; none for a profit factor without a loss."""
    return digits(value, 4) if math.isfinite(value) else None


def _axis(metric: str, mode: str) -> Figure:
    return {
        "title": {"text": f"{metric_label(metric)}, {ENDS[mode]} is best"},
        "tickformat": axis_format(metric),
        **({"autorange": "reversed"} if mode == "min" else {}),
    }


def _entry_text(entry: Entry) -> str:
    numbers = [f"{name} {param_text(value)}" for name, value in entry.params.items()]
    return " ".join([f"run {entry.run}:", entry.strategy, entry.symbol, entry.direction, *numbers])
