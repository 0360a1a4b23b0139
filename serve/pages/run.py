"""Page of one run, and the report of an experiment or a run as one file to hand on."""

from fastapi import APIRouter
from starlette.responses import Response

from serve.api.answers import Here, Ref
from serve.pages.drawing import page
from serve.reading.windows import same_configuration
from store.query.results import Results
from store.records.experiment import Experiment
from store.records.run_row import RunRow
from store.report.build_view import collect
from store.report.equity import draw_equity
from store.report.figures.curves import equity_figure, months_figure
from store.report.figures.style import Figure
from store.report.figures.trades import price_figure, rolling_figure
from store.report.html import render
from store.report.traced.trades import traced_run, trades_of
from store.report.traced.trades_view import Trades

router = APIRouter(include_in_schema=False)
LISTED = 50
"""Trades in the table."""
CURVE_POINTS = 1_500
"""Points of a curve next to the map, which is 600 pixels wide."""


@router.get("/view/runs/{ref:path}")
def run(ref: Ref, here: Here) -> Response:
    """One run: price with its trades, equity, months, windows, costs, metrics, settings."""
    results = here.results
    number, experiment = _run_of(results, ref)
    shown = results.show(f"{experiment.id}/{number}")
    stored = results.run(f"{experiment.id}/{number}")
    trades = trades_of(traced_run(experiment, stored))
    windows = same_configuration(results, experiment, number)
    return page(
        "run", title=f"{experiment.id}/{number}", here="Experiments", run=shown, trades=trades,
        experiment=experiment, figures=_figures(experiment, stored, trades), listed=LISTED,
        windows=windows if len(windows) > 1 else [],
    )  # fmt: skip


def _run_of(results: Results, ref: str) -> tuple[int, Experiment]:
    """Number and experiment of a run; of an experiment its best."""
    reference = results.resolve(ref)
    if reference.run is None:
        reference = results.resolve(f"{reference.experiment.id}/best")
    assert reference.run is not None
    return reference.run, reference.experiment


def equity_of(experiment: Experiment, run: RunRow) -> dict[str, Figure]:
    """Equity of a run next to holding, as `equity`, for half a page's width.

    Empty where it cannot be backtested again.
    """
    equity, _ = draw_equity(experiment, run, {}, most=CURVE_POINTS)
    return {} if equity.problem else {"equity": equity_figure(equity)}


def _figures(experiment: Experiment, run: RunRow, trades: Trades | None) -> dict[str, Figure]:
    """Figures of a run by their place; empty where it cannot be backtested again."""
    equity, _ = draw_equity(experiment, run, {})
    if equity.problem:
        return {}
    figures: dict[str, Figure] = {}
    if trades is not None and trades.times:
        figures["price"] = price_figure(trades)
    figures["equity"] = equity_figure(equity)
    own = next((each for each in equity.months if each.role == "best"), None)
    if own is not None:
        figures["months"] = months_figure(own)
    if trades is not None:
        figures["rolling"] = rolling_figure(trades)
    return figures


@router.get("/view/report/{ref:path}")
def report(ref: Ref, here: Here) -> Response:
    """The whole report in one file that needs no server: to be kept and handed on."""
    results = here.results
    experiment = results.resolve(ref).experiment
    text = render(collect(here.root, ref))
    return Response(
        text,
        media_type="text/html",
        headers={"Content-Disposition": f'attachment; filename="{experiment.id}.html"'},
    )
