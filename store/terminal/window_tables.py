"""Terminal tables of windows, walk-forwards and cross-validations."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rich.console import RenderableType
from rich.text import Text

from store.records.group import WindowRecord
from store.records.symbols import MANY, symbols_text
from store.terminal.fitted_table import FittedTable, numbers, texts
from store.terminal.metric_text import cell, label, params_text

FIRST_LAST = ("first", "last")
SIDES = ("train", "test")


def windows_tables(by_symbol: Iterable[tuple[str, Sequence[WindowRecord]]]) -> list[FittedTable]:
    """Windows with their dates, once for all symbols that have the same.

    Args:
        by_symbol: a symbol and its windows; a pair that comes again is shown once.
    """
    symbols: dict[str, dict[str, None]] = {}
    windows: dict[str, Sequence[WindowRecord]] = {}
    for symbol, of_symbol in by_symbol:
        windows.setdefault(repr(of_symbol), of_symbol)
        symbols.setdefault(repr(of_symbol), {})[symbol] = None
    together: dict[str, list[str]] = {}
    for key in windows:
        roles = repr([window.role for window in windows[key]])
        together.setdefault(roles if len(windows) >= MANY else key, []).append(key)
    return [
        _windows(
            f"windows of {symbols_text(name for key in keys for name in symbols[key])}",
            [windows[key] for key in keys],
        )
        for keys in together.values()
    ]


def _windows(title: str, alike: Sequence[Sequence[WindowRecord]]) -> FittedTable:
    """Windows, those of several symbols with the ranges of their dates and bars."""
    table = _table(title, ("window", "first", "last"), ("bars",))
    for same in zip(*alike, strict=True):
        edges = ([window.first for window in same], [window.last for window in same])
        dates = (_range([day(time) for time in times]) for times in edges)
        bars = [window.stop - window.start for window in same]
        n_bars = " to ".join(f"{n:,}" for n in sorted({min(bars), max(bars)}))
        table.add_row(Text(same[0].role), *dates, n_bars)
    return table


def _range(days: Sequence[str]) -> str:
    return " to ".join(sorted({min(days), max(days)}))


def split_pages(analysis: Mapping[str, Any]) -> list[RenderableType]:
    """Tables and sentences of `store.analysis.windows.analyse`."""
    pages: list[RenderableType] = []
    for record in analysis.get("walk_forward", []):
        pages += [_folds(record), Text(stitched_text(record))]
    pages += [Text(paths_text(record)) for record in analysis.get("cpcv", [])]
    return pages


def _folds(record: Mapping[str, Any]) -> FittedTable:
    """A line per fold: what was chosen on its train window, and what that made on its test."""
    metric = record["metric"]
    shown = list(dict.fromkeys([metric, "total_return"]))
    title = f"{record['symbol']}: best {metric.replace('_', ' ')} on train, then on test"
    numbers = (f"train {label(metric)}", *(f"test {label(name)}" for name in shown))
    table = _table(title, ("train", "test", "chosen"), numbers)
    for fold in record["folds"]:
        values = {**fold["params"], **fold["settings"], **fold.get("words", {})}
        table.add_row(
            *(" ".join(day(fold[side].get(name)) for name in FIRST_LAST) for side in SIDES),
            Text(f"{fold['strategy']} {fold['direction']} {params_text(values)}"),
            cell(metric, fold["in_sample"][metric]),
            *(cell(name, fold["out_of_sample"][name]) for name in shown),
        )
    return table


def stitched_text(record: Mapping[str, Any]) -> str:
    """The out-of-sample record of all folds, in words."""
    stitched = record["stitched"]
    if stitched is None:
        return f"{record['symbol']}: no fold has a finished configuration yet."
    ratios = [
        f"{'none, for lack of profit on train' if value is None else f'{value:.2f}'} "
        f"by {name.replace('_', ' ')}"
        for name, value in record["efficiency"].items()
    ]
    return (
        f"Stitched out of sample, {record['symbol']} {day(stitched['first'])} to "
        f"{day(stitched['last'])}: Sharpe {stitched['sharpe']:.2f}, return "
        f"{100 * stitched['total_return']:,.1f} %, {100 * stitched['annual_return']:,.1f} % a "
        f"year{_fall_text(stitched)}."
        f"\nWalk-forward efficiency (test over train, 1 keeps all): {', '.join(ratios)}."
    )


def _fall_text(stitched: Mapping[str, Any]) -> str:
    """The deepest drawdown, or why it is not known; nothing in older results."""
    if stitched.get("max_drawdown") is not None:
        return f", max drawdown {100 * stitched['max_drawdown']:,.1f} %"
    if "problem" in stitched:
        return f"; no drawdown: {stitched['problem'].rstrip('.')}"
    return ""


def paths_text(record: Mapping[str, Any]) -> str:
    """Out-of-sample result of a cross-validated search, in words."""
    head = (
        f"Cross-validation, {record['symbol']}: {record['test_groups']} of {record['groups']} "
        f"groups tested, {record['splits']} splits, purge {record['purge']} and embargo "
        f"{record['embargo']} bars"
    )
    if not record["paths"]:
        return f"{head}: no configuration has finished yet."
    return (
        f"{head}.\nThe best Sharpe on train, {record['in_sample']:.2f} on average, becomes on "
        f"{len(record['paths'])} paths out of sample {spread_text(record)}."
    )


def spread_text(spread: Mapping[str, Any]) -> str:
    """Sharpe ratios in words: their median and range, and how many lose."""
    if not spread:
        return "no Sharpe ratios yet"
    over = f", over {spread['splits']} splits" if "paths" not in spread else ""
    return (
        f"a Sharpe of {spread['median']:.2f} (median; {spread['min']:.2f} to {spread['max']:.2f}, "
        f"{100 * spread['below_0']:.0f} % below 0{over})"
    )


def day(moment: str | None) -> str:
    """The date of an ISO time, with its hour where that is not midnight."""
    if not moment:
        return "?"
    date, _, clock = moment.partition("T")
    return date if clock[:5] in ("", "00:00") else f"{date} {clock[:5]}"


def _table(title: str, words: Sequence[str], figures: Sequence[str]) -> FittedTable:
    return FittedTable([*texts(*words), *numbers(*figures)], title)
