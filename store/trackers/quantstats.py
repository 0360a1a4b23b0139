"""A QuantStats tear sheet of one run, next to buying and holding with the same costs."""

import html
import logging
import re
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.errors import StoreError, UnknownReference
from store.files import local
from store.optional_dependencies import extra
from store.query.results import Results
from store.records.experiment import Experiment
from store.records.run_row import RunRow
from store.replay.buy_and_hold import hold_settings, hold_trace
from store.replay.configuration import settings_of
from store.replay.replay import group_of, load_bars, trace_again, window_of

PACKAGE = "quantstats"
FOLDER = Path("reports")
RUN, HOLD = "run", "hold"
FEWEST_DAYS = 30
"""Below that QuantStats' tables of months and years have nothing to say."""

Floats = NDArray[np.float64]


def write_tearsheet(results: Results, ref: str, path: Path | None = None) -> Path:
    """Backtest a run again and write its tear sheet.

    Args:
        results: the store.
        ref: a run.
        path: of the page; None is `reports/<experiment id>-<run>-tearsheet.html` in the working
            directory.

    Returns:
        The path of the page, which needs no other file and no network.

    Raises:
        StoreError: QuantStats is not installed, `ref` is no run, the run made no trade or is too
            short, its bars are no longer those of the experiment, or it gives other numbers now.
    """
    quantstats = _quantstats()
    reference = results.resolve(ref)
    if reference.run is None:
        raise UnknownReference(
            f"{reference}: is an experiment; name a run, such as {reference}/best"
        )
    run = results.run(str(reference))
    returns, periods = _returns(reference.experiment, run)
    swept = results.standing(str(reference))
    values = {**swept["params"], **swept["settings"]}
    words = " ".join([run["strategy"], *(f"{name}={value:g}" for name, value in values.items())])
    page = _page(
        quantstats, returns, periods, html.escape(f"{words} on {run['symbol']}, {reference}")
    )
    target = path or FOLDER / f"{reference.experiment.id}-{reference.run}-tearsheet.html"
    local.make_folder(target.parent)
    local.replace(target, page.encode())
    return target


def daily_returns(times: pd.DatetimeIndex, equity: Floats, initial: float) -> pd.Series:
    """Returns per day, for QuantStats knows no shorter bars.

    Args:
        times: (n,) of the bars, in UTC.
        equity: (n,) at their closes; zeros after a 0.
        initial: equity before the first bar.

    Returns:
        A fraction for each UTC day that has a bar, from the last close of the day before to its
        own; the first is from `initial`. 0 once all is lost.
    """
    days = times.tz_localize(None).normalize()
    closes = pd.Series(equity, index=days).groupby(level=0).last()
    before = np.concatenate([[initial], closes.to_numpy()[:-1]])
    gains = np.divide(
        closes.to_numpy() - before, before, out=np.zeros(before.size), where=before > 0
    )
    return pd.Series(gains, index=closes.index)


def _returns(experiment: Experiment, run: RunRow) -> tuple[pd.DataFrame, float]:
    """Daily returns of the run and of holding, and how many of these days there are in a year."""
    group = group_of(experiment, run["run"])
    data = load_bars(experiment, group)
    series, window = data.series(), window_of(data, run)
    traced = trace_again(experiment, series, run, window)
    settings = hold_settings(settings_of(group, run))
    held = hold_trace(series, settings, window)
    if not traced.trades.size:
        raise StoreError(f"{run['ref']}: made no trade, so there is nothing to draw")
    times = pd.DatetimeIndex(data.frame.index)[slice(*window)]
    returns = pd.DataFrame(
        {
            name: daily_returns(times, equity.equity, settings.initial_capital)
            for name, equity in {RUN: traced, HOLD: held}.items()
        }
    )
    if len(returns) < FEWEST_DAYS:
        raise StoreError(
            f"{run['ref']}: its window has {len(returns)} days, a tear sheet needs {FEWEST_DAYS}"
        )
    return returns, settings.rules().periods_per_year * len(returns) / len(times)


def _page(quantstats: Any, returns: pd.DataFrame, periods: float, title: str) -> str:
    """QuantStats' page without the one thing that it loads, an icon."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it calls what pandas, Matplotlib and seaborn will drop
        draft = Path(folder) / "page.html"
        quantstats.reports.html(
            returns[RUN],
            benchmark=returns[HOLD],
            output=str(draft),
            title=title,
            strategy_title="Strategy",
            benchmark_title="Buy and hold",
            periods_per_year=round(periods),
            match_dates=False,  # it would drop the days before the first trade
        )
        return re.sub(r"<link\b[^>]*>", "", draft.read_text(encoding="utf-8"))


def _quantstats() -> object:
    """QuantStats, drawing to files only, silent about fonts that this machine lacks."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its imports, see _page
        module = extra("quantstats", PACKAGE)
        extra("matplotlib", "matplotlib").use("agg")
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    return module
