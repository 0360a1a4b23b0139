"""Warnings of overfitting in a sweep's result, each with its numbers."""

import math
from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from store.analysis.best_plateau import NEEDLE, Edge, Peak, edges
from store.analysis.parameter_grids import Family
from store.analysis.sharpe_error import Z
from store.commands import store_line
from store.files.backend import Root
from store.records.experiment import Experiment
from store.records.group import GroupRecord
from store.records.short_window import short_time
from store.report.distribution import gap_of, sharpe_error
from store.report.number_format import count_text, metric_label, metric_text, param_text
from store.report.view_model import Caution, Entry
from store.runs.by_configuration import TEST

FEW_TRADES = 30
"""Below so many the average of the trades says little about the next one."""
ALIKE = 0.05
"""Of the median: metrics within this range are alike, where no standard error is known."""
POOR_DATA = 0.99
"""Quality scores below this are worth a look at the data."""


def cautions(
    experiment: Experiment,
    families: Sequence[Family],
    entries: Sequence[Entry],
    peaks: Sequence[Peak],
    metric: str,
    root: Root,
) -> Iterator[Caution]:
    """Whatever is to be said besides the verdict, which compares the best with luck.

    Args:
        experiment: its record.
        families: that with the best run first.
        entries: the leaderboard, best first, and what stands next to it.
        peaks: of the families, in their order.
        metric: that was searched for.
        root: of the store.
    """
    best = next((entry for entry in entries if entry.role is None), None)
    yield from _about_the_sweep(experiment, root)
    if best is None:
        return
    yield from _about_the_best(best, entries)
    if families:
        yield from _about_its_family(families[0], best, peaks, metric)
        yield from _alike(families, metric)


def _about_the_sweep(experiment: Experiment, root: Root) -> Iterator[Caution]:
    if experiment.status != "done":
        yield Caution(
            f"The sweep is {experiment.status}",
            "What is shown here is a part of it, and may not be a fair one.",
        )
    windows = [window for group in experiment.groups for window in group.windows]
    spans = [(window.first, window.last) for window in windows if window.first]
    if text := next(filter(None, (short_time(*span) for span in spans)), ""):
        yield Caution("Too short for figures per year", f"A window {text}.")
    counts = experiment.counts
    if failed := counts.get("failed", 0):
        yield Caution(
            f"{count_text(failed)} of {count_text(counts.get('planned', failed))} runs failed",
            f"They are in no figure here: `{store_line('errors', experiment.id, root=root)}` says "
            "why.",
        )
    for symbol, data in experiment.data.items():
        if data.get("source") == "synthetic":
            yield Caution(f"The bars of {symbol} are made up", "They are no market's prices.")
        score = data.get("quality", {}).get("score", 1.0)
        if score < POOR_DATA:
            yield Caution(
                f"The bars of {symbol} have flaws",
                f"Their quality score is {score:.3f}; see below under What ran.",
            )


def _about_the_best(best: Entry, entries: Sequence[Entry]) -> Iterator[Caution]:
    sharpe = best.metrics["sharpe"]
    held = next((entry for entry in entries if entry.role == "hold"), None)
    if held is not None and not sharpe > held.metrics["sharpe"]:
        yield Caution(
            "Holding did better",
            f"Buying {best.symbol} and holding it has a Sharpe ratio of "
            f"{metric_text('sharpe', held.metrics['sharpe'])}, the best run "
            f"{metric_text('sharpe', sharpe)}.",
        )


def _about_its_family(
    family: Family, best: Entry, peaks: Sequence[Peak], metric: str
) -> Iterator[Caution]:
    if family.group.look_ahead:
        yield Caution(
            "It was allowed to look ahead",
            f"It is not checked that {best.strategy} uses no later bars.",
        )
    yield from _overfit(family, best.metrics)
    trades = best.metrics["trades"] * len(family.group.train_spans)
    if trades < FEW_TRADES:
        yield Caution(
            "Too few trades",
            f"The best run made {metric_text('trades', trades)}; below {FEW_TRADES} a few lucky "
            "ones decide.",
        )
    peak = next(
        (peak_of_family for peak_of_family in peaks if peak_of_family.family == family.title), None
    )
    if peak is not None and not peak.best_score >= NEEDLE:
        yield Caution(
            "A needle, not a plateau",
            f"The best run shows a {metric_label(metric)} of {metric_text(metric, peak.best)}, the "
            f"median of its neighbourhood is {metric_text(metric, peak.best_median)}.",
        )
    if ends := edges(family, family.best):
        yield Caution("The best lies at the edge", _beyond(ends))
    if peak is not None and peak.edges:
        yield Caution("The best plateau lies at the edge", _beyond(peak.edges))


def _overfit(family: Family, metrics: Mapping[str, float]) -> Iterator[Caution]:
    train, test = metrics["sharpe"], metrics.get(f"{TEST}sharpe", math.nan)
    error = 0.0 if math.isnan(test) else gap_of(family.group)
    if error > 0 and (train - test) / error > Z:
        yield Caution(
            "The best does not hold up in test",
            f"Its Sharpe ratio falls from {metric_text('sharpe', train)} to "
            f"{metric_text('sharpe', test)}, {(train - test) / error:.1f} standard errors; chance "
            f"explains {Z}.",
        )


def _beyond(edges: Mapping[str, Edge]) -> str:
    """Which values are the last that were tried, and which way to extend the search."""
    last = [
        f"{name} {param_text(end.value)} is the {'lowest' if end.way == 'below' else 'highest'} "
        "tried here"
        for name, end in edges.items()
    ]
    ways = [f"{name} {end.way} {param_text(end.value)}" for name, end in edges.items()]
    return f"{' and '.join(last)}: what lies beyond was not. Extend {' and '.join(ways)}."


def _alike(families: Sequence[Family], metric: str) -> Iterator[Caution]:
    values = np.concatenate([grid.metric for grid in families])
    if values.size < 2:
        return
    low, middle, high = np.quantile(values, [0.05, 0.5, 0.95]).tolist()
    limit = alike_below(families[0].group, metric, middle)
    if high - low < limit:
        text = f"Nine in ten have a {metric_label(metric)} from {metric_text(metric, low)} to "
        text += f"{metric_text(metric, high)}"
        if metric == "sharpe":
            text += f", less apart than the standard error of one of them, {limit:.2f}"
        yield Caution("All runs are alike", f"{text}: the parameters hardly matter.")


def alike_below(group: GroupRecord, metric: str, middle: float) -> float:
    """Range below which metrics are alike: a standard error, or a share of the median."""
    return sharpe_error(group) if metric == "sharpe" else ALIKE * abs(middle)
