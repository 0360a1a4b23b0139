"""Pages on results: experiments, one experiment, runs compared, luck."""

import math
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from serve.api.answers import Here, Ref
from serve.pages.drawing import link, page, setting
from serve.pages.run import equity_of
from serve.reading.heat import View, best_in_cell, families_of, heat
from serve.reading.kept import Kept, key_of
from serve.reading.matters import matters
from serve.reading.paired import paired
from serve.reading.run_page import run_of, run_page
from serve.reading.windows import window_names
from store.ledger import ledger as book
from store.luck.record import Luck
from store.luck.sentences import chance, paragraph
from store.query.compare import compare
from store.query.experiment_search import Wanted
from store.query.results import Results
from store.records.experiment import Experiment, configurations, objective
from store.records.run_row import RunRow
from store.registry import open_registry
from store.report.figures.maps import heat_map_figure
from store.report.figures.spread import gap_figure

router = APIRouter(include_in_schema=False)
_standings = Kept(256)
"""Best Sharpe ratio by experiment."""
Word = Annotated[str, Query(max_length=300)]
PAGE = 50
RANKED = 10
"""Configurations above the runs, where each has several windows."""
ALL = "all"
"""The word for runs on every window."""
COLUMNS = (
    "sharpe",
    "annual_return",
    "max_drawdown",
    "calmar",
    "win_rate",
    "profit_factor",
    "trades",
)
"""Metrics of a table of runs."""


@router.get("/")
def experiments(
    here: Here, symbol: Word = "", strategy: Word = "", tag: Word = "", status: Word = "",
    after: Word = "",
) -> Response:  # fmt: skip
    """Experiments, newest first: the best of each against luck."""
    asked = {"symbol": symbol, "strategy": strategy, "tag": tag, "status": status}
    wanted = Wanted(
        symbol=symbol or None, strategy=strategy or None, tag=tag or None, status=status or None
    )
    every = here.results.experiments(wanted)
    any_there = bool(every) or bool(here.results.experiments(Wanted(limit=1)))
    ids = [each.id for each in every]
    first = ids.index(after) + 1 if after in ids else 0
    shown = every[first : first + PAGE]
    more = shown[-1].id if first + PAGE < len(every) else ""
    rows = [_experiment_row(each) for each in shown]
    return page(
        "experiments", title="Experiments", here="Experiments", rows=rows, asked=asked,
        total=len(every), first=first, empty=not any_there,
        more=link("/", **asked, after=more) if more else "",
    )  # fmt: skip


def _experiment_row(experiment: Experiment) -> dict[str, object]:
    luck = Luck.of(experiment)
    best = None if luck is None else luck.best
    return {
        "experiment": experiment,
        "link": link(f"/view/experiments/{experiment.id}"),
        "who": ", ".join(sorted({group.strategy for group in experiment.groups})),
        "symbols": ", ".join(sorted(experiment.data)[:4])
        + (" ..." if len(experiment.data) > 4 else ""),
        "configurations": configurations(experiment),
        "best": best,
        "luck": None if luck is None else luck.mean,
        "chance": chance(luck, best) if luck is not None and best is not None else "",
    }


@router.get("/view/experiments/{ref}")
def experiment(
    ref: Ref, here: Here, metric: Word = "", x: Word = "", y: Word = "",
    family: Annotated[int, Query(ge=0)] = 0, cell: Word = "",
    sort: Word = "", order: Annotated[str, Query(pattern="^(best|asc|desc)$")] = "best",
    filter: Annotated[str, Query(max_length=1000)] = "", window: Word = "", after: Word = "",
    plateau: bool = False,
) -> Response:  # fmt: skip
    """The best, the map around it, all runs in a table, and luck in words."""
    results = here.results
    record = results.resolve(ref).experiment
    state = {"metric": metric, "x": x, "y": y, "family": family or "", "cell": cell}
    table = {"sort": sort, "order": order if order != "best" else "", "filter": filter,
             "window": window}  # fmt: skip
    windows = window_names(record)
    only = window or (windows[0] if len(windows) > 1 else ALL)
    shown = metric or objective(record)[0]
    view = View(shown, x, y, family, plateau)
    drawn = heat(results, record, view)
    runs = run_page(
        results, record.id, sort=sort or objective(record)[0], order=order, filter=filter,
        where={} if only == ALL else {"window": only}, after=after or None, limit=PAGE,
    )  # fmt: skip
    learned = matters(results, record, family, asked=plateau)
    figures = {}
    if learned is not None and learned.gap is not None:
        figures["gap"] = gap_figure(learned.gap)
    if drawn is not None and drawn.map is not None:
        figures["heat"] = heat_map_figure(drawn.map)
    selected = _selected(results, record, view, cell) if cell else None
    if selected:
        figures |= equity_of(record, selected)
    path = f"/view/experiments/{record.id}"
    sharpe = _best_sharpe(results, record)
    return page(
        "experiment", title=record.name, here="Experiments", experiment=record, path=path,
        heat=drawn, metric=shown, metrics=COLUMNS, state=state, table=table, runs=runs,
        columns=_columns(runs.runs, shown), selected=selected, figures=figures,
        luck=paragraph(record, sharpe, results.root), sharpe=sharpe,
        measured=Luck.of(record), configurations=configurations(record),
        more=link(path, **state, **table, after=runs.after) if runs.after else "",
        paged=bool(after), learned=learned, windows=windows, only=only,
        ranked=results.standings(record.id, RANKED) if len(windows) > 1 else [],
    )  # fmt: skip


def _best_sharpe(results: Results, record: Experiment) -> float:
    """Highest Sharpe ratio of its configurations, mean over train windows; NaN without any."""
    if objective(record)[0] == "sharpe":
        every = families_of(results, record)
        return every[0].best_value if every else math.nan
    best = _standings.get(
        key_of(results, record), lambda: results.standings(record.id, 1, metric="sharpe")
    )
    return float(best[0]["metrics"]["sharpe"]) if best else math.nan


def _columns(runs: list[RunRow], metric: str) -> list[str]:
    """Parameters, then metrics, of a table of runs."""
    params = dict.fromkeys(name for run in runs for name in (*run["params"], *run["settings"]))
    recorded = set(runs[0]["metrics"]) if runs else set()
    return [*params, *(name for name in dict.fromkeys((metric, *COLUMNS)) if name in recorded)]


def _selected(results: Results, record: Experiment, view: View, cell: str) -> RunRow | None:
    """The best run of the cell that was clicked, `x,y` as places in the map."""
    column, comma, row = cell.partition(",")
    if not (comma and column.isdecimal() and row.isdecimal()):
        return None
    number = best_in_cell(results, record, view, (int(column), int(row)))
    return None if number is None else run_of(results, record, number)


@router.get("/view/compare")
def comparison(
    here: Here,
    a: Word = "",
    b: Word = "",
    also: Annotated[list[str] | None, Query(max_length=4)] = None,
) -> Response:
    """Two runs, or the best of two experiments: only what differs, curves, how sure it is."""
    compared = compare(here.results, a, b) if a and b else None
    more = [ref[:300] for ref in also or () if ref]
    curves = None if compared is None else paired(here.results, [a, b, *more])
    shown: dict[str, object] = {}
    for part in ("context", "params", "settings"):
        differences = {} if compared is None else compared[part]
        for name, pair in differences.get("different", {}).items():
            shown[name] = (setting(pair["a"]), setting(pair["b"]))
        shown |= {
            name: (setting(value), "-") for name, value in differences.get("only_a", {}).items()
        }
        shown |= {
            name: ("-", setting(value)) for name, value in differences.get("only_b", {}).items()
        }
    return page(
        "compare", title="Compare", here="Compare", a=a, b=b, compared=compared, differences=shown,
        also=more, curves=curves,
        figures={"curves": curves.figure} if curves and curves.figure else {},
    )  # fmt: skip


@router.get("/view/luck")
def luck(here: Here, symbol: Word = "", strategy: Word = "", every: bool = False) -> Response:
    """Counts of what was tried, by symbol and strategy, and the luck lines."""
    rows = book.rows(here.root, symbol=symbol or None, strategy=strategy or None)
    totals: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows:
        entry = totals.setdefault((row["symbol"], row["strategy"]), {"new": 0, "entries": 0})
        entry["new"] += row["new"]
        entry["entries"] += 1
    lines = []
    for each in here.results.experiments()[:PAGE]:
        measured = Luck.of(each)
        lines.append((each, measured))
    ranked = sorted(totals.items(), key=lambda item: (-item[1]["new"], item[0]))
    registry = open_registry(here.root)
    uses, repeated = registry.holdout_uses(symbol or None), registry.null_sweeps()
    return page(
        "luck", title="Luck", here="Luck", totals=ranked if every else ranked[:PAGE],
        n_totals=len(ranked), lines=lines, tried=sum(entry["new"] for entry in totals.values()),
        symbol=symbol, strategy=strategy, uses=uses[::-1][:PAGE], n_uses=len(uses), chance=chance,
        repeated=repeated[::-1][:PAGE], n_repeated=len(repeated),
    )  # fmt: skip
