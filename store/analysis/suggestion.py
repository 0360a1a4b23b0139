"""Suggestion after a sweep: the middle of its best plateau, and what that is worth.

The best run of many is lucky; what wins together with its neighbours is less so. A suggestion is
no recommendation: that word is the gate's.
"""

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from store.analysis.best_plateau import NEEDLE, Peak, judged, peak_of, strongest
from store.analysis.median_grids import median_families
from store.analysis.parameter_grids import families, points
from store.analysis.symbol_medians import of_symbols, over_symbols, points_by_symbol
from store.commands import literal, promote_line, root_overrides
from store.files.backend import Place
from store.luck.record import line_of
from store.records.comparable_groups import group_of_run
from store.records.experiment import Experiment, objective
from store.records.group import GroupRecord
from store.records.run_row import RunRow
from store.records.symbols import has_many, symbols_of
from store.runs.by_configuration import standing
from store.runs.columns import PARAMS
from store.runs.reader import Shelf

CONFIGURES = (
    "strategy",
    "params",
    "data",
    "risk",
    "costs",
    "size",
    "fill",
    "initial_capital",
    "risk_free",
    "holdout",
)
"""Keys of the config that decide what a backtest does."""
COMPOSES = ("+experiment", "hydra.searchpath")
"""Words of a command that bring such keys with them."""
WEIGHT = "weights."


@dataclass(frozen=True)
class Suggestion:
    """The middle of the best plateau of an experiment.

    Attributes:
        ref: of its run; with several windows the first that the search looked at.
        overrides: what composes it again: `python -m sweeper` followed by these.
        params, settings: all of the strategy's, and those that were swept.
        weights: of a strategy that has any, those that were swept as their medians over the
            plateau, so that together they need not have been run; otherwise empty.
        metric: that was searched for: own, of the middle; median, over the plateau; neighbours,
            how many values that is of; best, of the best run; kept, how much of the best its
            neighbours share, NaN where undefined.
        sharpe: of the middle, annual, a mean over train windows; with three or more symbols own,
            median, best and this are medians over them, and `ref` is the run on the first.
        noise_sharpe: the luck line; None when it was not measured.
        advice: one sentence.
        symbols: that it is the median over; 1 where it is of one symbol.
    """

    ref: str
    overrides: tuple[str, ...]
    params: Mapping[str, float]
    settings: Mapping[str, float]
    weights: Mapping[str, float]
    metric: str
    own: float
    median: float
    neighbours: int
    best: float
    kept: float
    sharpe: float
    noise_sharpe: float | None
    advice: str
    symbols: int = 1


def suggestion_of(shelf: Shelf, experiment: Experiment) -> Suggestion | None:
    """The suggestion after an experiment; None when nothing finished, or nothing varied."""
    runs = shelf.read(experiment.id, partial(points, experiment=experiment))
    many = has_many(experiment)
    every = (median_families if many else families)(runs, experiment)
    peaks = [peak_of(*judged(family)) for family in every]
    place = strongest(every, peaks)
    if place is None or (peak := peaks[place]) is None:
        return None
    number = peak.run
    run = shelf.read(experiment.id, lambda runs: standing(runs, experiment, number))
    group = group_of_run(experiment, number)
    if many:
        group = on_all_symbols(experiment, group)
        run = run | {
            "metrics": run["metrics"] | {"sharpe": _median_sharpe(shelf, experiment, peak)}
        }
    return suggest(experiment, group, peak, run, shelf.root, best=peaks[0])


def on_all_symbols(experiment: Experiment, group: GroupRecord) -> GroupRecord:
    """A group with words that read the bars of all symbols in the place of its own."""
    words = group.overrides
    kept = [word for word in words if not of_symbols(word)]
    if any(key_of(word) == "data.symbols" for word in words):
        kept.append(f"data.symbols={literal(symbols_of(experiment))}")
    elif len(kept) < len(words):
        kept = list(words)  # bars of several sources: no single run reads them all
    return dataclasses.replace(group, overrides=tuple(kept))


def _median_sharpe(shelf: Shelf, experiment: Experiment, peak: Peak) -> float:
    """The Sharpe ratio of a plateau's middle, median over symbols."""
    if objective(experiment)[0] == "sharpe":
        return peak.own
    read = partial(points_by_symbol, experiment=experiment, metric="sharpe")
    every = over_symbols(shelf.read(experiment.id, read), experiment, "sharpe", highest=True)
    own = every.median[every.runs == peak.run]
    return float(own[0]) if own.size else math.nan


def suggest(
    experiment: Experiment,
    group: GroupRecord,
    peak: Peak,
    run: RunRow,
    root: Place,
    best: Peak | None = None,
) -> Suggestion:
    """The suggestion after an experiment, from its families.

    Args:
        experiment: its record.
        group: of the middle of the best plateau.
        peak: that plateau.
        run: its middle, as `store.runs.by_configuration` tells it.
        root: of the store.
        best: the plateau of the family with the best run; None: the same.
    """
    best = best or peak
    sharpe = math.nan if run["metrics"]["sharpe"] is None else float(run["metrics"]["sharpe"])
    return Suggestion(
        ref=run["ref"],
        overrides=(*overrides(experiment, group, run), *_kept_bars(experiment, root)),
        params=run["params"],
        settings=run["settings"],
        weights=_weights(peak, run["params"]),
        metric=experiment.search["metric"],
        own=peak.own,
        median=peak.median,
        neighbours=peak.size,
        best=best.best,
        kept=best.best_score,
        sharpe=sharpe,
        noise_sharpe=line_of(experiment),
        advice="; ".join(filter(None, _advice(experiment, run, root, peak, best, sharpe))),
        symbols=len(symbols_of(experiment)) if has_many(experiment) else 1,
    )


def _advice(
    experiment: Experiment,
    run: RunRow,
    root: Place,
    peak: Peak,
    best: Peak,
    sharpe: float,
) -> tuple[str, ...]:
    modules = modules_to_name(experiment)
    check = promote_line("check", run["ref"], root=root, modules=modules)
    if has_many(experiment):
        return (
            _standing(best, "configuration"),
            _edge(peak),
            f"the luck line is of single runs and does not judge a median; the gate judges one "
            f"symbol at a time: `{check}`.",
        )
    luck = _luck(sharpe, line_of(experiment))
    return _standing(best), luck, _edge(peak), f"not promotable before `{check}`."


def overrides(experiment: Experiment, group: GroupRecord, run: RunRow) -> list[str]:
    """Words of a command line that compose a run of a group: `strategy=sma params.fast=10`."""
    numbers = {f"{PARAMS}{name}": value for name, value in run["params"].items()}
    words = [f"{key}={_text(value)}" for key, value in (numbers | run["settings"]).items()]
    texts = [*group.overrides, *words]
    given = {key_of(word) for word in texts}
    kept = [word for word in experiment.command if _decides(word) and key_of(word) not in given]
    if not {"strategy", "experiment"} & {key_of(word) for word in (*kept, *texts)}:
        kept.insert(0, f"strategy={run['strategy']}")
    return [*kept, *texts]


def modules_to_name(experiment: Experiment) -> list[str]:
    """Modules of its strategies that a command on its runs has to name."""
    modules = {group.module for group in experiment.groups}
    own = [name for name in modules if "(" in name or not name.startswith("kernels.")]
    if not own:
        return []
    from store.replay.trusted import to_be_named  # late: it imports the kernels

    return to_be_named(own)


def key_of(word: str) -> str:
    """Key that an override sets."""
    return word.lstrip("+~").partition("=")[0]


def _decides(word: str) -> bool:
    """True when a word of a sweep's command has a say in what one backtest does."""
    return "=" in word and (
        word.startswith(COMPOSES) or key_of(word).partition(".")[0] in CONFIGURES
    )


def _kept_bars(experiment: Experiment, root: Place) -> list[str]:
    """Override that finds ingested bars, which lie in the store unless it says where."""
    data = experiment.config.get("data", {})
    named = any(key_of(word) == "data.path" for word in experiment.command)
    return root_overrides(root) if data.get("source") == "stored" and not named else []


def _text(value: float) -> str:
    return literal(None if math.isnan(value) else value)


def _weights(peak: Peak, params: Mapping[str, float]) -> dict[str, float]:
    own = {name: float(value) for name, value in params.items() if name.startswith(WEIGHT)}
    swept = {name: value for name, value in peak.medians.items() if name in own}
    if not swept:
        return {}
    return {name.removeprefix(WEIGHT): value for name, value in (own | swept).items()}


def _standing(peak: Peak, what: str = "run") -> str:
    if math.isnan(peak.best_score):
        return "No plateau stands above zero"
    kind = "stands on a plateau" if peak.best_score >= NEEDLE else "is a needle"
    return f"The best {what} {kind}: {100 * peak.best_score:.0f} % of its metric is kept nearby"


def _edge(peak: Peak) -> str:
    """Where the plateau goes on beyond what was tried."""
    ways = [f"{name} {end.way} {end.value:g}" for name, end in peak.edges.items()]
    return f"it lies at the edge of what was tried: extend {' and '.join(ways)}" if ways else ""


def _luck(sharpe: float, noise: float | None) -> str:
    if noise is None or math.isnan(sharpe):
        return ""
    verdict = "clears" if sharpe > noise else "does not clear"
    return (
        f"its plateau's middle, Sharpe {sharpe:.2f}, {verdict} the {noise:.2f} of the best without "
        "skill"
    )
