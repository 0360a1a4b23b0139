"""The luck line of an experiment from its stored runs: what ran, whatever was planned."""

import dataclasses
import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from kernels import METRICS
from kernels.jit.array_types import Floats
from kernels.portfolio.evaluate import panel_of
from kernels.registry import load as load_strategy
from kernels.series.clock import CLOCK
from store.data import Dataset
from store.errors import StoreError
from store.files import arrow_types
from store.files.arrow_types import Table
from store.files.backend import Root
from store.luck.histories import SEED, Source
from store.luck.measuring import Contestants, Size, effort, indicators, measure, redrawn
from store.luck.record import Luck
from store.query.results import Results
from store.records.experiment import Experiment
from store.records.group import GroupRecord, by_first_run
from store.records.run_numbering import Layout
from store.replay.configuration import of_columns, stored_strategy
from store.replay.replay import load_bars
from store.runs.reader import Shelf
from store.runs.requirement import Requirement

RAN = ("done", "pruned")
"""Status of runs whose configuration was tried."""


def concluded(root: Root, experiment: Experiment, luck: Luck | None) -> Experiment:
    """The record with a luck line and, next to it, what the experiment shows.

    Args:
        root: of the store.
        experiment: its record; its runs are in the store.
        luck: None where none could be measured: the record stays as it is.
    """
    if luck is None:
        return experiment
    top = Results(root).standings(experiment.id, 1, metric="sharpe")
    best = top[0]["metrics"]["sharpe"] if top else None
    if best is not None:
        luck = luck.compared(best)
    return dataclasses.replace(experiment, luck=luck.record(), noise_sharpe=luck.mean)


def luck_of_runs(root: Root, experiment: Experiment) -> Luck | None:
    """The luck line of the configurations that an experiment has run, by its rows.

    Raises:
        StoreError: bars or the file of a strategy are no longer those of the experiment.
    """
    sources, everyone = competing(root, experiment)
    kept = redrawn(
        [_size(contestants, sources) for contestants in everyone], [len(s.times) for s in sources]
    )
    chosen = [
        dataclasses.replace(contestants, series=kept.index(contestants.series))
        for contestants in everyone
        if contestants.series in set(kept)
    ]
    fewer = len(kept) < len(sources)
    sources = [sources[place] for place in kept]
    lengths = [len(source.times) for source in sources]
    plan = effort([_size(contestants, sources) for contestants in chosen], lengths)
    if plan.closer:
        random = np.random.default_rng(SEED)
        counts = zip(chosen, plan.sample, strict=True)
        chosen = [
            contestants.take(random.permutation(len(contestants))[:count])
            for contestants, count in counts
        ]
    return measure(sources, chosen, plan, sum(map(len, everyone)), fewer=fewer)


def _size(contestants: Contestants, sources: Sequence[Source]) -> Size:
    ranked = sum(stop - start for start, stop in contestants.windows)
    columns = zip(contestants.strategy.fields, contestants.params.T, strict=True)
    distinct = {field: float(np.unique(column).size) for field, column in columns}
    rows = indicators(contestants.strategy, distinct, len(contestants))
    return Size(len(contestants), len(sources[contestants.series].times), ranked, rows)


def competing(root: Root, experiment: Experiment) -> tuple[list[Source], list[Contestants]]:
    """All configurations that an experiment has run, by group, and the series they ran on.

    Raises:
        StoreError: bars or the file of a strategy are no longer those of the experiment.
    """
    groups = by_first_run(experiment.groups)
    table = Shelf(root).read(experiment.id, lambda runs: _configurations(runs, experiment))
    place = Layout.of(experiment.groups).group(table["run"].to_numpy())
    keys = [_key(group) for group in groups]
    series = list(dict.fromkeys(keys))
    sources = [_source(experiment, groups[keys.index(key)]) for key in series]
    require = Requirement.of(experiment.search).among(METRICS)
    everyone = [
        _contestants(table.filter(pa.array(place == number)), group, series.index(key), require)
        for number, (group, key) in enumerate(zip(groups, keys, strict=True))
    ]
    return sources, everyone


def _configurations(runs: arrow_types.Dataset, experiment: Experiment) -> Table:
    """A row for each configuration, its first ranked run: number, parameters and settings."""
    swept = [name for group in experiment.groups for name in group.fixed]
    names = [name for name in dict.fromkeys(swept) if name in runs.schema.names]
    table = runs.to_table(columns=["run", "status", *names]).sort_by("run")
    table = table.filter(pc.is_in(table["status"], pa.array(RAN)))
    return table.filter(
        pa.array(Layout.of(experiment.groups).first_trains(table["run"].to_numpy()))
    )


def _key(group: GroupRecord) -> str:
    """Equal for groups on the same bars."""
    return json.dumps([group.symbol, group.data, group.fingerprint, _bars(group)])


def _bars(group: GroupRecord) -> int:
    """Bars that any window of a group reaches; later ones are not read."""
    return max(window.stop for window in group.windows)


def _source(experiment: Experiment, group: GroupRecord) -> Source:
    data: Dataset = load_bars(experiment, group)
    frame = data.frame.iloc[: _bars(group)]
    columns = {str(name): frame[name].to_numpy(np.float64) for name in frame.columns}
    wanted = CLOCK if group.settings.get("session_flat") else _clock_of(group)
    if wanted:
        clocked = data.series().clocked(wanted)
        columns = {name: column[: len(frame)] for name, column in clocked.items()}
    times = pd.DatetimeIndex(frame.index).tz_localize(None).to_numpy("datetime64[us]")
    panel = panel_of(data.series()).before(_bars(group)) if data.members else None
    return Source(data.timeframe, times, columns, panel)


def _clock_of(group: GroupRecord) -> tuple[str, ...]:
    """Columns of the clock that the group's strategy reads."""
    return tuple(name for name in load_strategy(group.module).columns if name in CLOCK)


def _contestants(
    table: Table, group: GroupRecord, series: int, require: Requirement
) -> Contestants:
    strategy = stored_strategy(group, group.strategy)
    if strategy.source_hash != group.source:
        raise StoreError(
            f"{group.strategy}: its file has changed since the experiment; sweep again to "
            "measure its luck"
        )
    configured = of_columns(
        group,
        lambda name, fixed: _column(table, name, fixed, name in group.space),
        len(table),
        group.strategy,
    )
    meets = require.met if require else None
    return Contestants(
        series,
        strategy,
        configured.common_settings,
        group.train_spans,
        configured.params,
        configured.own_settings,
        meets,
    )


def _column(table: Table, name: str, fixed: float | None, varies: bool) -> Floats:
    """(n,) of a number of the configurations: as stored where it varies, NaN where it is off."""
    if varies and name in table.schema.names:
        return np.asarray(table[name].cast(pa.float64()).to_numpy(), np.float64)
    return np.full(len(table), np.nan if fixed is None else fixed)
