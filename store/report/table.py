"""The leaderboard as rows of text, and the numbers that they are sorted by."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from store.report.number_format import metric_label, metric_text
from store.report.view_model import Entry, ReportView, Role, TradeOff
from store.runs.by_configuration import TEST

COLUMNS = (
    "sharpe",
    "annual_return",
    "max_drawdown",
    "calmar",
    "trades",
    "win_rate",
    "exposure",
)
FRONT = 20
"""Of the configurations that none beats, those that are listed."""
ROLE_NAMES: dict[Role, str] = {
    "best": "best",
    "centre": "plateau",
    "baseline": "baseline",
    "hold": "buy and hold",
}


@dataclass(frozen=True)
class Cell:
    """A metric as text, and as what it sorts by; empty when it is not finite."""

    text: str
    key: str


@dataclass(frozen=True)
class Row:
    """A run: its rank, or what it stands next to the ranked runs for."""

    rank: str
    role: str
    name: str
    run: str
    who: str
    symbol: str
    window: str
    params: tuple[tuple[str, str], ...]
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class Table:
    """The leaderboard.

    Attributes:
        headings: of the cells, the first what was searched for.
        ranked: best first; compared: what they are compared with.
        with_who, with_symbols, with_windows: whether there is anything to tell apart.
        with_test: whether there is a test.
    """

    headings: tuple[str, ...]
    ranked: tuple[Row, ...]
    compared: tuple[Row, ...]
    with_who: bool
    with_symbols: bool
    with_windows: bool
    with_test: bool


def leaderboard(view: ReportView) -> Table:
    """The ranked runs, then what they are compared with."""
    return _table(view.entries, _metrics(view), several=len(view.symbols) > 1)


def front_table(trade_off: TradeOff) -> Table:
    """The first of those that none beats, by what they were searched for."""
    names = [name for name, _ in trade_off.goals]
    return _table(
        trade_off.front[:FRONT], [*names, *(column for column in COLUMNS if column not in names)]
    )


def _table(entries: Sequence[Entry], metrics: Sequence[str], several: bool = False) -> Table:
    ranked = [entry for entry in entries if entry.role is None]
    symbols = several or len({entry.symbol for entry in ranked}) > 1
    who = _who if symbols else _who_on
    rows = [_row(place, entry, metrics, who(entry)) for place, entry in enumerate(entries, 1)]
    return Table(
        headings=tuple(map(metric_label, metrics)),
        ranked=tuple(rows[: len(ranked)]),
        compared=tuple(rows[len(ranked) :]),
        with_who=len({who(entry) for entry in ranked}) > 1,
        with_symbols=symbols,
        with_windows=len({entry.window for entry in ranked}) > 1,
        with_test=any(name.startswith(TEST) for name in metrics),
    )


def _metrics(view: ReportView) -> list[str]:
    """Columns of the leaderboard: what was searched for comes first, then its test."""
    compared = TEST + view.metric
    tested = [compared] if any(compared in entry.metrics for entry in view.entries) else []
    return [view.metric, *tested, *(name for name in COLUMNS if name != view.metric)]


def _row(place: int, entry: Entry, metrics: Sequence[str], who: str) -> Row:
    return Row(
        rank=str(place) if entry.role is None else "",
        role=entry.role or "",
        name="" if entry.role is None else ROLE_NAMES[entry.role],
        run="" if entry.run is None else str(entry.run),
        who=who,
        symbol=entry.symbol,
        window=entry.window,
        params=entry.values,
        cells=tuple(_cell(name, entry.metrics.get(name, math.nan)) for name in metrics),
    )


def _cell(name: str, value: float) -> Cell:
    key = "" if math.isnan(value) else f"{max(min(value, 1e300), -1e300):.9g}"
    return Cell(metric_text(name, value), key)


def _who(entry: Entry) -> str:
    return " ".join(filter(None, (entry.strategy, entry.direction)))


def _who_on(entry: Entry) -> str:
    """With its symbol, where that has no column."""
    return " ".join(filter(None, (entry.strategy, entry.symbol, entry.direction)))
