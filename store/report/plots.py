"""Which figures a page has, and the id of the place of each."""

from typing import NamedTuple

from store.report.figures.curves import equity_figure, months_figure, years_figure
from store.report.figures.folds import folds_figure, paths_figure
from store.report.figures.lines import parallel_figure, profile_figure
from store.report.figures.maps import heat_map_figure
from store.report.figures.ranking import (
    coefficients_figure,
    holdings_figure,
    quantiles_figure,
)
from store.report.figures.spread import Mark, distribution_figure, gap_figure
from store.report.figures.trade_off import trade_off_figure
from store.report.figures.trades import price_figure, returns_figure, rolling_figure
from store.report.table import ROLE_NAMES
from store.report.view_model import ReportView

SINGLE = (
    "equity",
    "years",
    "price",
    "returns",
    "rolling",
    "coefficients",
    "quantiles",
    "holdings",
    "front",
    "lines",
    "distribution",
    "gap",
)
"""Places that a page has at most once, empty where there is nothing to draw."""


class Figure(NamedTuple):
    """The place of a plot, and what is said about it."""

    key: str
    title: str
    note: str


class Plots:
    """The figures of a page, each under the id of its place."""

    def __init__(self) -> None:
        self.figures: dict[str, object] = {}

    def add(self, key: str, figure: object, title: str = "", note: str = "") -> Figure:
        """Keep a figure; what is returned says where it goes."""
        self.figures[key] = figure
        return Figure(key, title, note)


def place(view: ReportView, plots: Plots) -> dict[str, object]:
    """The places of all figures, by the section that they are in."""
    figures: dict[str, object] = dict.fromkeys(SINGLE)
    if view.equity.curves:
        figures["equity"] = plots.add("equity", equity_figure(view.equity))
    months = [m for m in view.equity.months if m.role in ("best", "centre") and len(m.months) > 0]
    figures["months"] = [
        plots.add(f"months-{part.role}", months_figure(part), part.label) for part in months
    ]
    if any(len(part.years) > 1 for part in view.equity.months):
        figures["years"] = plots.add("years", years_figure(view.equity.months))
    figures |= _of_trades(view, plots) | _of_ranking(view, plots)
    figures["maps"] = [
        plots.add(f"map-{number}", heat_map_figure(heat), heat.group, heat.note)
        for number, heat in enumerate(view.heat_maps)
    ]
    figures["profiles"] = [
        plots.add(f"profile-{number}", profile_figure(profile, view.metric))
        for number, profile in enumerate(view.profiles)
    ]
    if view.lines is not None:
        figures["lines"] = plots.add("lines", parallel_figure(view.lines), note=view.lines.note)
    if view.distribution is not None:
        figure = distribution_figure(view.distribution, _marks(view))
        figures["distribution"] = plots.add("distribution", figure)
    if view.trade_off is not None:
        figures["front"] = plots.add("front", trade_off_figure(view.trade_off, view.entries))
    if view.gap is not None:
        figures["gap"] = plots.add("gap", gap_figure(view.gap), note=view.gap.note)
    figures["folds"] = [
        (part, plots.add(f"folds-{number}", folds_figure(part)))
        for number, part in enumerate(view.walk_forward)
        if part["folds"]
    ]
    figures["paths"] = [
        (part, plots.add(f"paths-{number}", paths_figure(part)))
        for number, part in enumerate(view.cpcv)
        if part["paths"]
    ]
    return figures


def _of_ranking(view: ReportView, plots: Plots) -> dict[str, object]:
    if view.ranking is None:
        return {}
    return {
        "coefficients": plots.add("coefficients", coefficients_figure(view.ranking)),
        "quantiles": plots.add("quantiles", quantiles_figure(view.ranking)),
        "holdings": plots.add("holdings", holdings_figure(view.ranking)),
    }


def _of_trades(view: ReportView, plots: Plots) -> dict[str, object]:
    if view.trades is None:
        return {}
    price = plots.add("price", price_figure(view.trades)) if view.trades.times else None
    return {
        "price": price,
        "returns": plots.add("returns", returns_figure(view.trades.returns)),
        "rolling": plots.add("rolling", rolling_figure(view.trades)),
    }


def _marks(view: ReportView) -> list[Mark]:
    """Where the best, baseline, buy-and-hold and, for Sharpe ratios, luck stand."""
    ranked = [entry for entry in view.entries if entry.role is None][:1]
    compared = [entry for entry in view.entries if entry.role is not None]
    marks: list[Mark] = [
        (entry.role or "best", ROLE_NAMES[entry.role or "best"], entry.metrics[view.metric])
        for entry in ranked + compared
        if view.metric in entry.metrics
    ]
    if view.metric == "sharpe" and view.luck is not None:
        marks.append((None, "best without skill", view.luck.mean))
    return marks
