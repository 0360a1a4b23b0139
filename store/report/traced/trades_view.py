"""View model of the trades of one run, as plain data that `figures.trades` draws."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Marks:
    """Fills of one kind on the price: times ISO, prices and texts, (n,) each."""

    kind: str
    times: tuple[str, ...]
    prices: tuple[float, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Rolling:
    """A figure over the bars before each: `times` ISO and `values`, None where it is not known."""

    label: str
    times: tuple[str, ...]
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class TradeRow:
    """One trade: `texts` by heading, and the numbers by which the table sorts."""

    texts: tuple[str, ...]
    keys: tuple[float | str, ...]


@dataclass(frozen=True)
class Fall:
    """A fall from a peak: day of the peak, of the lowest close, of the recovery or none yet.

    Attributes:
        depth: a positive fraction of the peak.
        bars: from the peak to the recovery, or to the end.
    """

    peak: str
    lowest: str
    recovered: str
    depth: float
    bars: int


@dataclass(frozen=True)
class CostRow:
    """Metrics by name at a multiple of the costs; empty where such costs are refused."""

    factor: int
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Trades:
    """Trades of one run, ready to draw.

    Attributes:
        title: run, strategy, symbol and window.
        times, price: of the closes that are drawn; empty of a universe.
        marks: entries and exits on the price.
        headings, rows: of the table, newest first.
        note: how many of the trades are listed and marked.
        returns: (trades,) of each, fractions.
        window: bars of the rolling figures.
        exposure: share of the bars in the market, longs above 0 and shorts below.
        sharpe: annual, of the run and of holding.
        falls: the deepest, deepest first.
        costs: at 0, 1, 2 and 3 times the costs.
        ambiguous: sentences on bars that hold a stop and a target; empty where there is none.
    """

    title: str
    times: tuple[str, ...]
    price: tuple[float, ...]
    marks: tuple[Marks, ...]
    headings: tuple[str, ...]
    rows: tuple[TradeRow, ...]
    note: str
    returns: tuple[float, ...]
    window: int
    exposure: tuple[Rolling, ...]
    sharpe: tuple[Rolling, ...]
    falls: tuple[Fall, ...]
    costs: tuple[CostRow, ...]
    ambiguous: str = ""
