"""Everything that a report shows, read from the store."""

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from store.edits import edited, read_edits
from store.experiment import Experiment, objective
from store.layout import Ints, Layout
from store.leaderboard import elsewhere
from store.places import Place, Root
from store.report.cautions import cautions
from store.report.equity import draw_equity
from store.report.families import Family, axis_columns, families, judged
from store.report.lines import importance, parallel, profiles
from store.report.maps import heat_map
from store.report.numbers import short
from store.report.spread import distribution, train_and_test
from store.report.steps import steps
from store.report.view import Entry, Equity, HeatMap, Peak, ReportView, Role
from store.results import Results
from store.rows import run_dicts
from store.standings import standings

TOP = 20
MOST_MAPS = 12
"""Families that are drawn; the importance of parameters is told of as many."""
MOST = 1_000_000
"""Baselines, one of each group: all there are."""
WHO = ("strategy", "symbol", "direction")
IDENTITY = (*WHO, "timeframe", "window", "start", "end", "status", "baseline")

Run = Mapping[str, Any]
"""One run as `store.rows.run_dicts` gives it."""


def collect(root: Root, ref: str) -> ReportView:
    """Read an experiment for its report.

    Args:
        root: of the store.
        ref: an experiment, or one run of it, whose equity is then drawn instead of the best's.

    Raises:
        StoreError: the reference names nothing, or a file is damaged.
    """
    results = Results(root)
    found = results.resolve(ref)
    experiment = edited(found.experiment, read_edits(root))
    view = _without_runs(experiment)
    if results.runs(experiment.id, ["run"]).num_rows == 0:
        return replace(view, **_words_of(experiment, [], (), (), results.root))
    ranked = results.standings(experiment.id, TOP)
    if not ranked:
        return replace(view, **_words_of(experiment, [], (), (), results.root))
    axes = axis_columns(results.best(experiment.id, 1).schema)
    runs = results.runs(experiment.id, ["run", *IDENTITY, *axes, view.metric])
    every = families(runs, experiment)
    told = [_told(one, view.metric, experiment) for one in every[:MOST_MAPS]]
    peaks = tuple(peak for peak, _ in told if peak is not None)
    drawn = results.show(ranked[0]["ref"] if found.run is None else str(found))
    entries, equity = _compared(results, experiment, drawn, ranked, peaks, runs["run"].to_numpy())
    windows = results.show(experiment.id)
    return replace(
        view,
        subject=_subject(runs),
        entries=entries,
        equity=equity,
        heat_maps=tuple(heat for _, heat in told if heat is not None),
        maps_note=f"The best {MOST_MAPS} of {len(every)} groups." * (len(every) > MOST_MAPS),
        peaks=peaks,
        importance=tuple(importance(one) for one in every[:MOST_MAPS] if one.axes),
        **_of_the_best(every, peaks, view.metric),
        distribution=distribution(every, view.metric),
        gap=train_and_test(every, view.metric),
        walk_forward=tuple(windows.get("walk_forward", ())),
        cpcv=tuple(windows.get("cpcv", ())),
        **_words_of(experiment, every, entries, peaks, results.root),
    )


def _words_of(
    experiment: Experiment,
    every: Sequence[Family],
    entries: Sequence[Entry],
    peaks: Sequence[Peak],
    root: Place,
) -> dict[str, Any]:
    """Warnings and commands."""
    metric, _ = objective(experiment)
    return {
        "cautions": tuple(cautions(experiment, every, entries, peaks, metric)),
        "steps": tuple(steps(experiment, every, peaks, root)),
    }


def _of_the_best(every: Sequence[Family], peaks: Sequence[Peak], metric: str) -> dict[str, Any]:
    """What is told of the family with the best run only."""
    if not every or not every[0].axes:
        return {}
    family = every[0]
    peak = next((one for one in peaks if one.family == family.title), None)
    return {
        "profiles": tuple(profiles(family, dict(peak.params) if peak else {})),
        "profiles_of": family.title,
        "lines": parallel(family, metric),
    }


def _told(
    family: Family, metric: str, experiment: Experiment
) -> tuple[Peak | None, HeatMap | None]:
    """The best plateau of a family, and its map with that and the best run marked."""
    part, found = judged(family)
    peak, best = None, part.best
    if found.best is not None and family.axes:
        peak = Peak(
            family=family.title,
            run=int(part.runs[found.best]),
            params=part.params(found.best),
            median=float(found.median[found.best]),
            own=float(part.metric[found.best]),
            size=int(found.size[found.best]),
            best=float(part.metric[best]),
            best_median=float(found.median[best]),
            best_score=float(found.score[best]),
        )
    places = [
        None if run is None else int(np.flatnonzero(family.runs == run)[0])
        for run in (part.runs[best], None if peak is None else peak.run)
    ]
    heat = heat_map(
        family.axes,
        family.metric,
        metric,
        family.title,
        best=places[0],
        centre=places[1],
        higher_is_better=family.highest,
        grid=experiment.search["kind"] == "grid",
    )
    if heat is not None and part.runs.size < family.runs.size:
        told = f"{part.runs.size:,} of {family.runs.size:,} runs were looked at for a plateau"
        heat = replace(heat, note=". ".join(filter(None, (heat.note, told))))
    return peak, heat


def _compared(
    results: Results,
    experiment: Experiment,
    drawn: Run,
    ranked: Sequence[Run],
    peaks: Sequence[Peak],
    numbers: Ints,
) -> tuple[tuple[Entry, ...], Equity]:
    """The leaderboard with what stands beside it, and the curves of the run to draw.

    `numbers` are those of all runs that there are.
    """
    beside: dict[Role, Run] = {}
    if centre := _centre(results, experiment, drawn, peaks):
        beside["centre"] = centre
    if baseline := _beside(drawn, run_dicts(results.best(experiment.id, MOST, baseline=True))):
        beside["baseline"] = baseline
    equity, held = draw_equity(experiment, drawn, beside)
    same = _beside(drawn, results.standings(experiment.id, MOST, baseline=True))
    entries = [*map(_entry, ranked)]
    if centre:
        (standing,) = _standing(results, experiment, centre["run"], numbers)
        entries.append(_entry(standing, "centre"))
    entries += [_entry(same, "baseline")] if same else []
    return (*entries, *([held] if held else [])), equity


def _standing(
    results: Results, experiment: Experiment, run: int, numbers: Ints
) -> list[dict[str, Any]]:
    """A configuration's line of the leaderboard, by one of its runs."""
    layout = Layout.of(experiment.groups)
    mine = layout.configuration(numbers) == layout.configuration(np.array([run]))
    columns = results.best(experiment.id, 1).schema.names
    found = [
        results.runs(f"{experiment.id}/{number}", columns)
        for number in np.sort(numbers[mine]).tolist()
    ]
    return standings(pa.concat_tables(found), layout)


def _centre(
    results: Results, experiment: Experiment, drawn: Run, peaks: Sequence[Peak]
) -> Run | None:
    """The run in the middle of the best plateau of a run's family, unless it is that run."""
    layout = Layout.of(experiment.groups)
    group = layout.group(np.array([drawn["run"], *(peak.run for peak in peaks)]))
    for peak, place in zip(peaks, group[1:], strict=True):
        if place == group[0] and peak.run != drawn["run"]:
            return results.show(f"{experiment.id}/{peak.run}")
    return None


def _without_runs(experiment: Experiment) -> ReportView:
    """What the record alone says."""
    tried = sum(group["runs"] // len(group["windows"]) for group in experiment.groups)
    history = experiment.history
    return ReportView(
        id=experiment.id,
        title=experiment.name,
        subject=", ".join(experiment.data),
        status=experiment.status,
        created=experiment.created[:16].replace("T", " ") + " UTC",
        configurations=tried,
        ever=history.get("tried", 0) + history.get("new", tried),
        metric=objective(experiment)[0],
        entries=(),
        equity=Equity("", problem="No run has succeeded."),
        description=experiment.description,
        hypothesis=experiment.hypothesis,
        tags=tuple(experiment.tags),
        counts=experiment.counts,
        seconds=experiment.seconds,
        noise_sharpe=experiment.noise_sharpe,
        elsewhere=elsewhere(experiment),
        facts=tuple(_facts(experiment)),
        command=shlex.join(experiment.command),
    )


def _subject(runs: Any) -> str:
    """What ran on what, from when to when."""
    parts = {
        name: sorted(pc.unique(runs[name]).to_pylist()) for name in (*WHO, "timeframe", "window")
    }
    first, last = pc.min(runs["start"]).as_py(), pc.max(runs["end"]).as_py()
    windows = f", {len(parts['window'])} windows" if len(parts["window"]) > 1 else ""
    return (
        f"{', '.join(parts['strategy'])} on {', '.join(parts['symbol'])}, "
        f"{', '.join(parts['timeframe'])}, {' and '.join(parts['direction'])}, "
        f"{first:%Y-%m-%d} to {last:%Y-%m-%d}{windows}"
    )


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
