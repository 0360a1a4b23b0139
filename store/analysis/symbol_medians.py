"""The same configuration on many symbols as one: the median of a metric over them, and its spread.

Equal are strategy, direction, timeframe, parameters and settings. A configuration without a finite
value on some of the symbols ranks after those that have one on all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from store.analysis.parameter_grids import Bools, Floats, Ints, axis_columns, floats
from store.files.arrow_types import Dataset, Table
from store.files.canonical import canonical
from store.records.experiment import Experiment
from store.records.group import GroupRecord, by_first_run
from store.records.run_numbering import Layout
from store.records.symbols import symbols_of
from store.runs.columns import SETTINGS
from store.runs.key_set import arrow_keys
from store.runs.metric_order import goodness
from store.runs.ranking import configuration_scores
from store.runs.requirement import Requirement

OF_SYMBOLS = ("data", "data.symbols", "data.path", "data.source", "data.calendar")
"""Words of a group that say which bars it runs on, not what runs on them."""


@dataclass(frozen=True, eq=False)
class OverSymbols:
    """c configurations, each over the symbols on which its metric is finite.

    Attributes:
        rows: (c,) place in the table of runs of the run on its first symbol.
        runs: (c,) number of that run.
        kinds: (c,) what the groups of its runs have in common; see `kinds_of`.
        median, mean, worst: (c,) of the metric.
        worst_runs: (c,) number of the run on the symbol where it is worst.
        positive: (c,) symbols on which the metric is above 0.
        n: (c,) symbols.
        symbols: of the experiment.
        highest: whether the highest metric is the best.
    """

    rows: Ints
    runs: Ints
    kinds: Ints
    median: Floats
    mean: Floats
    worst: Floats
    worst_runs: Ints
    positive: Ints
    n: Ints
    symbols: int
    highest: bool

    def order(self) -> Ints:
        """(c,) places, best first: those on all symbols by their median, then the others."""
        missing = self.symbols - self.n
        return np.lexsort((self.runs, -goodness(self.median, self.highest), missing))

    def complete(self) -> Bools:
        """(c,) which have a value on as many symbols as any."""
        return np.asarray(self.n == self.n.max(initial=0))


def points_by_symbol(runs: Dataset, experiment: Experiment, metric: str) -> Table:
    """The columns that `over_symbols` reads of all runs, as a pa.Table."""
    required = Requirement.of(experiment.search).metrics
    names = ["run", "status", "baseline", "params_hash", metric, *required]
    names += axis_columns(runs.schema)
    return runs.to_table(columns=[n for n in dict.fromkeys(names) if n in runs.schema.names])


def over_symbols(runs: Table, experiment: Experiment, metric: str, highest: bool) -> OverSymbols:
    """Every configuration of an experiment over its symbols.

    Args:
        runs: what `points_by_symbol` gives.
        experiment: its record.
        metric: of runs; with several windows its mean over train windows.
        highest: whether the highest is the best.
    """
    layout = Layout.of(experiment.groups)
    numbers = runs["run"].to_numpy()
    values = _scores(runs, experiment, metric, layout)
    rows = np.flatnonzero(layout.first_trains(numbers) & np.isfinite(values))
    kinds = np.array(kinds_of(experiment))[layout.group(numbers[rows])]
    columns = [kinds, arrow_keys(runs["params_hash"].combine_chunks())[rows]]
    columns += [_comparable(floats(runs[name]))[rows] for name in _settings(runs)]
    order = np.lexsort((numbers[rows], *columns[::-1]))
    changes = np.zeros(order.size, np.bool_)
    changes[:1] = True
    for column in columns:
        changes[1:] |= column[order][1:] != column[order][:-1]
    starts, rows = np.flatnonzero(changes), rows[order]
    spread = _spread(values[rows], numbers[rows], starts, highest)
    n_symbols = len(symbols_of(experiment))
    firsts = rows[starts]
    return OverSymbols(
        firsts, numbers[firsts], kinds[order][starts], **spread, symbols=n_symbols, highest=highest
    )


def _scores(runs: Table, experiment: Experiment, metric: str, layout: Layout) -> Floats:
    done = pc.equal(runs["status"], "done").to_numpy()
    scores = np.where(done, floats(runs[metric]), np.nan)
    scores = configuration_scores(layout, runs["run"].to_numpy(), scores)
    return Requirement.of(experiment.search).ranked(scores, runs, layout)


def _spread(values: Floats, numbers: Ints, starts: Ints, highest: bool) -> dict[str, Any]:
    """Figures of each part of values, which begin at `starts`."""
    counts = np.diff(np.append(starts, values.size))
    part = np.repeat(np.arange(starts.size), counts)
    order = np.lexsort((values, part))
    ascending = values[order]
    middles = (ascending[starts + (counts - 1) // 2] + ascending[starts + counts // 2]) / 2
    worst = order[starts if highest else starts + counts - 1]
    if not starts.size:
        return dict.fromkeys(("median", "mean", "worst"), np.empty(0)) | dict.fromkeys(
            ("worst_runs", "positive", "n"), np.empty(0, np.int64)
        )
    return {
        "median": middles,
        "mean": np.add.reduceat(values, starts) / counts,
        "worst": values[worst],
        "worst_runs": numbers[worst],
        "positive": np.add.reduceat((values > 0).astype(np.int64), starts),
        "n": counts,
    }


def _settings(runs: Table) -> list[str]:
    return [name for name in runs.schema.names if name.startswith(SETTINGS)]


def _comparable(values: Floats) -> NDArray[np.float64]:
    """Values in which off equals off."""
    return np.where(np.isnan(values), np.inf, values)


def kinds_of(experiment: Experiment) -> list[int]:
    """(g,) for each group, by its first run: equal where the same runs on another symbol."""
    groups = by_first_run(experiment.groups)
    kinds: dict[tuple[str, int], int] = {}
    times: dict[tuple[str, str], int] = {}
    seen = []
    for group in groups:
        what = _what(group)
        if group.shares:
            seen.append(kinds.setdefault((what, 0), len(kinds)))
            continue
        again = times.setdefault((what, group.symbol), 0)
        times[what, group.symbol] += 1  # the symbol's bars from elsewhere: apart
        seen.append(kinds.setdefault((what, again), len(kinds)))
    return seen


def _what(group: GroupRecord) -> str:
    """Strategy and settings that run on a group's bars."""
    settings = {k: v for k, v in group.settings.items() if k != "periods_per_year"}
    who = [group.strategy, group.module, group.source, group.direction, group.look_ahead]
    own = [word for word in group.overrides if not of_symbols(word)]
    if group.shares:  # groups that overlap are one, whatever their words
        own = [str(group.shares)]
    return canonical([who, settings, group.timeframe, own])


def of_symbols(word: str) -> bool:
    """True when a word of a command says which bars are read."""
    return word.lstrip("+~").partition("=")[0] in OF_SYMBOLS


def kind_titles(experiment: Experiment) -> dict[int, str]:
    """The words that tell one kind of group from the others, by its number; `""` when it is one."""
    groups = by_first_run(experiment.groups)
    own: dict[int, Sequence[str]] = {}
    for kind, group in zip(kinds_of(experiment), groups, strict=True):
        words = [word for word in group.overrides if not of_symbols(word)]
        own.setdefault(kind, [w for w in words if not w.startswith("strategy=")])
    shared = set.intersection(*map(set, own.values())) if own else set()
    return {kind: " ".join(w for w in words if w not in shared) for kind, words in own.items()}
