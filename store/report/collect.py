"""Everything that a report shows, read from the store."""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.columns import PARAMS, SETTINGS
from store.experiment import Experiment, objective
from store.layout import Layout
from store.report.equity import draw_equity
from store.report.maps import distribution, heat_map
from store.report.numbers import short
from store.report.view import Entry, Equity, HeatMap, ReportView, Role
from store.results import Results
from store.rows import run_dicts

TOP = 20
MOST_MAPS = 12
MOST = 1_000_000
"""Baselines, one of each group: all there are."""
WHO = ("strategy", "symbol", "direction")
IDENTITY = (*WHO, "timeframe", "window", "start", "end", "status", "baseline")

Run = Mapping[str, Any]
"""One run as `store.rows.run_dicts` gives it."""
Floats = NDArray[np.float64]


def collect(root: Path, ref: str) -> ReportView:
    """Read an experiment for its report.

    Args:
        root: folder of the store.
        ref: an experiment, or one run of it, whose equity is then drawn instead of the best's.

    Raises:
        StoreError: the reference names nothing, or a file is damaged.
    """
    results = Results(root)
    found = results.resolve(ref)
    experiment = found.experiment
    view = _without_runs(experiment)
    if results.runs(experiment.id, ["run"]).num_rows == 0:
        return view
    top = results.best(experiment.id, TOP)
    ranked = results.standings(experiment.id, TOP)
    if not ranked:
        return view
    drawn = results.show(ranked[0]["ref"] if found.run is None else str(found))
    baseline = _beside(drawn, run_dicts(results.best(experiment.id, MOST, baseline=True)))
    equity, held = draw_equity(experiment, drawn, baseline)
    same = _beside(drawn, results.standings(experiment.id, MOST, baseline=True))
    beside = [_entry(same, "baseline")] if same else []
    axes = [name for name in top.schema.names if name.startswith((PARAMS, *SETTINGS))]
    runs = results.runs(experiment.id, ["run", *IDENTITY, *axes, view.metric])
    trains = Layout.of(experiment.groups).trains(runs["run"].to_numpy())
    counted = pc.and_(pc.equal(runs["status"], "done"), pc.invert(runs["baseline"]))
    varied = runs.filter(pc.and_(counted, pa.array(trains)))
    maps = _heat_maps(varied, axes, experiment)
    return replace(
        view,
        subject=_subject(runs),
        entries=(*map(_entry, ranked), *beside, *([held] if held else [])),
        equity=equity,
        heat_maps=tuple(maps[:MOST_MAPS]),
        maps_note=f"The best {MOST_MAPS} of {len(maps)} groups." if len(maps) > MOST_MAPS else "",
        distribution=distribution(_floats(varied[view.metric]), view.metric),
    )


def _without_runs(experiment: Experiment) -> ReportView:
    """What the record alone says."""
    return ReportView(
        id=experiment.id,
        title=experiment.name,
        subject=", ".join(experiment.data),
        status=experiment.status,
        created=experiment.created[:16].replace("T", " ") + " UTC",
        configurations=sum(g["runs"] // len(g["windows"]) for g in experiment.groups),
        metric=objective(experiment)[0],
        entries=(),
        equity=Equity("", problem="No run has succeeded."),
        description=experiment.description,
        hypothesis=experiment.hypothesis,
        tags=tuple(experiment.tags),
        counts=experiment.counts,
        seconds=experiment.seconds,
        noise_sharpe=experiment.noise_sharpe,
        facts=tuple(_facts(experiment)),
        command=shlex.join(experiment.command),
    )


def _subject(runs: Any) -> str:
    """What ran on what, from when to when."""
    parts = {name: sorted(set(runs[name].to_pylist())) for name in (*WHO, "timeframe", "window")}
    first, last = pc.min(runs["start"]).as_py(), pc.max(runs["end"]).as_py()
    windows = f", {len(parts['window'])} windows" if len(parts["window"]) > 1 else ""
    return (
        f"{', '.join(parts['strategy'])} on {', '.join(parts['symbol'])}, "
        f"{', '.join(parts['timeframe'])}, {' and '.join(parts['direction'])}, "
        f"{first:%Y-%m-%d} to {last:%Y-%m-%d}{windows}"
    )


def _heat_maps(runs: Any, axes: Sequence[str], experiment: Experiment) -> list[HeatMap]:
    """A map of every strategy, symbol and direction; the one with the best run first."""
    metric, highest = objective(experiment)
    frame = pd.DataFrame(
        {name: runs[name].to_numpy(zero_copy_only=False) for name in (*WHO, "window")}
        | {short(name): _floats(runs[name]) for name in axes}
        | {metric: _floats(runs[metric])}
    )
    names = [short(name) for name in axes]
    found = []
    for who, group in frame.groupby(list(WHO), sort=False):
        heat = heat_map(
            group,
            names,
            metric,
            " · ".join(map(str, who)),
            higher_is_better=highest,
            grid=experiment.search["kind"] == "grid",
        )
        best = group[metric].max() if highest else -group[metric].min()
        found += [(float(best), heat)] if heat is not None else []
    return [heat for _, heat in sorted(found, key=lambda pair: pair[0], reverse=True)]


def _floats(column: Any) -> Floats:
    """A column as (n,) float64; null is NaN."""
    values: Floats = column.cast("float64").to_numpy().astype(np.float64)
    return values


def _beside(run: Run, baselines: Sequence[Run]) -> Run | None:
    """The baseline of a run's strategy, symbol, direction and window, unless it is that run."""
    same = (*WHO, "window")
    for baseline in baselines:
        if all(baseline[name] == run[name] for name in same):
            return None if baseline["run"] == run["run"] else baseline
    return None


def _entry(run: Run, role: Role | None = None) -> Entry:
    return Entry(
        role=role,
        run=run["run"],
        strategy=run["strategy"],
        symbol=run["symbol"],
        direction=run["direction"],
        window=run["window"],
        params={short(name): value for name, value in (run["params"] | run["settings"]).items()},
        metrics={n: math.nan if v is None else float(v) for n, v in run["metrics"].items()},
    )


def _facts(experiment: Experiment) -> list[tuple[str, str]]:
    """Data, search, settings and versions, a line each."""
    facts = [(symbol, _data_line(data)) for symbol, data in experiment.data.items()]
    facts.append(("search", _words(experiment.search)))
    for name in ("risk", "costs"):
        facts.append((name, _words(experiment.config.get(name, {}))))
    shared = ("fill", "initial_capital", "holdout")
    facts.append(("settings", _words({n: experiment.config.get(n) for n in shared})))
    facts.append(("versions", _words(experiment.versions)))
    return [(name, line) for name, line in facts if line]


def _data_line(data: Mapping[str, Any]) -> str:
    quality = data["quality"]
    return (
        f"{data['source']}, {data['bars']:,} bars of {data['timeframe']}, {data['first']} to "
        f"{data['last']}, {data['periods_per_year']:g} a year, quality {quality['score']:.4f} "
        f"({quality['gaps']} gaps, {quality['zero_volume']} without volume, "
        f"{quality['repaired']} repaired), fingerprint {data['fingerprint'][:12]}"
    )


def _words(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)
