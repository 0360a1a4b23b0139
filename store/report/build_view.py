"""Everything that a report shows, read from the store."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow.compute as pc

from store.analysis.best_plateau import Peak, judged, peak_of, strongest
from store.analysis.median_grids import median_families
from store.analysis.neighbourhoods import Plateau
from store.analysis.parameter_grids import WHO, Family, families
from store.analysis.suggestion import Suggestion, suggest
from store.commands import again, line
from store.files.arrow_types import Table
from store.files.backend import Place, Root
from store.luck.record import Luck
from store.luck.sentences import paragraph
from store.query.annotations import edited, read_edits
from store.query.results import Results
from store.records.comparable_groups import group_of_run
from store.records.experiment import Experiment, configurations, objective
from store.records.symbols import NAMED, has_many, symbols_text
from store.report.distribution import distribution, train_and_test
from store.report.heat_map import heat_map
from store.report.leaderboard_entries import compared
from store.report.next_steps import steps
from store.report.overfitting_warnings import cautions
from store.report.parallel_coordinates import importance, parallel, profiles
from store.report.stitched_curve import stitched_equity, walk_of
from store.report.traced.ranking import ranking_of
from store.report.traced.trades import traced_run, trades_of
from store.report.trade_off import trade_off
from store.report.view_model import Caution, Entry, Equity, HeatMap, ReportView
from store.terminal.leaderboard import elsewhere

TOP = 20
MOST_MAPS = 12
"""Families that are drawn; the importance of parameters is told of as many."""
PARTS = (*WHO, "timeframe", "window")
"""Columns whose values say what ran on what."""


def collect(root: Root, ref: str) -> ReportView:
    """Read an experiment for its report.

    Args:
        root: of the store.
        ref: an experiment, or one run of it, whose equity is then drawn instead of the best's.

    Raises:
        StoreError: the reference names nothing, or a file is damaged.
    """
    results = Results(root)
    reference = results.resolve(ref)
    experiment = edited(reference.experiment, read_edits(root))
    view = _without_runs(experiment, results.root)
    ranked = results.standings(experiment.id, TOP)
    if not ranked:
        return replace(view, **_words_of(experiment, [], (), (), None, results.root))
    runs = results.points(experiment.id)
    every = families(runs, experiment)
    plateaus = [judged(grid) for grid in every]
    best = [peak_of(*grid) for grid in plateaus]
    maps = [
        _map(family, *plateau, peak, experiment)
        for family, plateau, peak in zip(every, plateaus, best[:MOST_MAPS], strict=False)
    ]
    peaks = tuple(peak for peak in best[:MOST_MAPS] if peak is not None)
    shown = ranked[0]["ref"] if reference.run is None else str(reference)
    drawn = results.run(shown)
    traced = traced_run(experiment, drawn)
    shared_maps, shared_peaks = _over_symbols(runs, experiment)
    entries, equity = compared(results, experiment, drawn, ranked, peaks)
    suggestion = _suggestion(results, experiment, every, best)
    sharpe = results.standings(experiment.id, 1, metric="sharpe")[0]["metrics"]["sharpe"]
    windows = results.windows(experiment.id)
    walks = windows.get("walk_forward", ())
    walk = walk_of(experiment, drawn["run"], walks) if reference.run is None else None
    if walk is not None:
        equity = stitched_equity(results, experiment, walk)
    return replace(
        view,
        subject=_subject(results, experiment.id),
        entries=entries,
        equity=equity,
        trades=trades_of(traced),
        ranking=ranking_of(traced),
        luck=None if view.luck is None else view.luck.compared(sharpe),
        luck_text=paragraph(experiment, sharpe, results.root),
        heat_maps=tuple(heat for heat in (*shared_maps, *maps) if heat is not None),
        maps_note=f"The best {MOST_MAPS} of {len(every)} groups." * (len(every) > MOST_MAPS),
        peaks=(*shared_peaks, *peaks),
        by_configuration=_by_configuration(results, experiment),
        importance=tuple(importance(grid) for grid in every[:MOST_MAPS] if grid.axes),
        **_of_the_best(every, peaks, view.metric),
        distribution=distribution(every, view.metric),
        gap=train_and_test(every, view.metric),
        walk_forward=tuple(walks),
        walk=walk,
        cpcv=tuple(windows.get("cpcv", ())),
        trade_off=trade_off(results, experiment, runs),
        suggestion=suggestion,
        **_words_of(experiment, every, entries, peaks, suggestion, results.root),
    )


def _over_symbols(runs: Table, experiment: Experiment) -> tuple[list[HeatMap | None], list[Peak]]:
    """Maps and best plateaus of medians over symbols; none of an experiment on one or two."""
    shared = median_families(runs, experiment) if has_many(experiment) else []
    plateaus = [judged(family) for family in shared]
    peaks = [peak_of(*plateau) for plateau in plateaus]
    maps = [
        _map(family, *plateau, peak, experiment)
        for family, plateau, peak in zip(shared, plateaus, peaks, strict=True)
    ]
    return maps, [peak for peak in peaks if peak is not None]


def _by_configuration(results: Results, experiment: Experiment) -> tuple[Mapping[str, object], ...]:
    if not has_many(experiment):
        return ()
    return tuple(results.by_configuration(experiment.id, n=TOP))


def _words_of(
    experiment: Experiment,
    every: Sequence[Family],
    entries: Sequence[Entry],
    peaks: Sequence[Peak],
    suggestion: Suggestion | None,
    root: Place,
) -> dict[str, Any]:
    """Warnings and commands."""
    metric, _ = objective(experiment)
    note = Results(root).required(experiment.id)
    required = [Caution("Not every configuration ranks", note)] if note else []
    warnings = cautions(experiment, every, entries, peaks, metric, root)
    return {
        "cautions": (*required, *warnings),
        "steps": tuple(steps(experiment, every, suggestion, root)),
    }


def _suggestion(
    results: Results,
    experiment: Experiment,
    every: Sequence[Family],
    peaks: Sequence[Peak | None],
) -> Suggestion | None:
    """The middle of the best plateau of all families."""
    if has_many(experiment):
        fields = results.suggestion(experiment.id)
        return None if fields is None else Suggestion(**fields)
    place = strongest(every, peaks)
    if place is None or (peak := peaks[place]) is None:
        return None
    run = results.standing(f"{experiment.id}/{peak.run}")
    return suggest(
        experiment, group_of_run(experiment, peak.run), peak, run, results.root, peaks[0]
    )


def _peak_of_the_best(every: Sequence[Family], peaks: Sequence[Peak]) -> Peak | None:
    return next((peak for peak in peaks if every and peak.family == every[0].title), None)


def _of_the_best(every: Sequence[Family], peaks: Sequence[Peak], metric: str) -> dict[str, Any]:
    """Parts of the report on the family with the best run only."""
    if not every or not every[0].axes:
        return {}
    family = every[0]
    peak = _peak_of_the_best(every, peaks)
    return {
        "profiles": tuple(profiles(family, dict(peak.params) if peak else {})),
        "profiles_of": family.title,
        "lines": parallel(family, metric),
    }


def _map(
    family: Family, part: Family, plateau: Plateau, peak: Peak | None, experiment: Experiment
) -> HeatMap | None:
    """The map of a family, with its best plateau and its best run marked."""
    places = [
        None if run is None else int(np.flatnonzero(family.runs == run)[0])
        for run in (part.runs[part.best], None if peak is None else peak.run)
    ]
    heat = heat_map(
        family.axes,
        family.metric,
        objective(experiment)[0],
        family.title,
        best=places[0],
        centre=places[1],
        higher_is_better=family.highest,
        grid=experiment.search["kind"] == "grid",
    )
    if heat is not None and part.runs.size < family.runs.size:
        text = f"{part.runs.size:,} of {family.runs.size:,} runs were looked at for a plateau"
        heat = replace(heat, note=". ".join(filter(None, (heat.note, text))))
    return heat


def _without_runs(experiment: Experiment, root: Place) -> ReportView:
    """Report from the record alone."""
    return ReportView(
        id=experiment.id,
        title=experiment.name,
        subject=symbols_text(experiment.data),
        symbols=tuple(experiment.data),
        status=experiment.status,
        created=experiment.created[:16].replace("T", " ") + " UTC",
        configurations=configurations(experiment),
        metric=objective(experiment)[0],
        entries=(),
        equity=Equity("", problem="No run has succeeded."),
        description=experiment.description,
        hypothesis=experiment.hypothesis,
        tags=tuple(experiment.tags),
        counts=experiment.counts,
        seconds=experiment.seconds,
        luck=Luck.of(experiment),
        luck_text=paragraph(experiment, math.nan, root),
        elsewhere=elsewhere(experiment),
        facts=tuple(_facts(experiment)),
        command=line(*again(experiment.command, root)),
    )


def _subject(results: Results, ref: str) -> str:
    """Strategy, symbol and dates of the report's heading."""

    def column(name: str) -> object:  # one at a time: text is most of the bytes
        return results.runs(ref, [name])[name]

    parts = {name: sorted(pc.unique(column(name)).to_pylist()) for name in PARTS}
    first, last = pc.min(column("start")).as_py(), pc.max(column("end")).as_py()
    windows = f", {len(parts['window'])} windows" if len(parts["window"]) > 1 else ""
    return (
        f"{', '.join(parts['strategy'])} on {symbols_text(parts['symbol'])}, "
        f"{', '.join(parts['timeframe'])}, {' and '.join(parts['direction'])}, "
        f"{first:%Y-%m-%d} to {last:%Y-%m-%d}{windows}"
    )


def _facts(experiment: Experiment) -> list[tuple[str, str]]:
    """Data, search, settings and versions, a line each."""
    facts = [(symbol, _data_line(data)) for symbol, data in experiment.data.items()]
    if len(facts) > NAMED:
        facts = [(f"{len(facts):,} symbols", _data_in_short(experiment.data))]
    facts.append(("search", _words(experiment.search)))
    for name in ("risk", "size", "costs"):
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


def _data_in_short(data: Mapping[str, Mapping[str, Any]]) -> str:
    """The data of many symbols on one line; the record has a line for each."""
    every = list(data.values())
    n_bars = sorted(
        {
            min(described["bars"] for described in every),
            max(described["bars"] for described in every),
        }
    )
    worst = min(data, key=lambda symbol: data[symbol]["quality"]["score"])
    sources, timeframes = (
        {str(described[name]) for described in every} for name in ("source", "timeframe")
    )
    return (
        f"{', '.join(sorted(sources))}, {' to '.join(f'{n:,}' for n in n_bars)} bars of "
        f"{', '.join(sorted(timeframes))}, {min(described['first'] for described in every)} to "
        f"{max(described['last'] for described in every)}, "
        f"quality {data[worst]['quality']['score']:.4f} or better ({worst}): "
        f"{', '.join(sorted(data))}"
    )


def _words(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value is not None)
