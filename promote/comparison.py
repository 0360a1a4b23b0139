"""What a candidate is compared with: cash, holding the asset, or another run, on the same bars."""

from dataclasses import dataclass

import numpy as np

from kernels import Settings
from kernels.bars import Series
from kernels.registry import load as load_strategy
from promote.candidates import Candidates
from promote.sample import Sample
from store.errors import UnknownReference
from store.replay import Replay, replay_of
from store.results import Results
from store.rows import run_dicts

CASH, HOLD, DEFAULTS = "cash", "buy-and-hold", "defaults"
"""Benchmarks that need no REF: no return at all; the asset, bought once; the strategy's defaults."""


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """Something to beat.

    Attributes:
        name: a word of the above, or the REF of the run.
        replay: ready to run on the candidate's bars.
    """

    name: str
    replay: Replay


def rival(results: Results, sample: Sample, place: int, own: Settings, name: str) -> Rival:
    """What `name` stands for, on the bars of a candidate.

    Args:
        results: to find a REF in.
        sample: the candidate is of.
        place: of the candidate.
        own: settings of the candidate; holding the asset pays the same costs.
        name: buy-and-hold, defaults, or a REF that names a run.

    Raises:
        UnknownReference: it names no run.
    """
    if name == HOLD:
        return Rival(HOLD, _holding(sample.series, own))
    if name == DEFAULTS:
        return _defaults(sample, place)
    found = results.resolve(name)
    if found.run is None:
        raise UnknownReference(f"{name}: names an experiment; a baseline is a run, such as ID/42")
    run = run_dicts(results.runs(str(found)))[0]
    return Rival(str(found), replay_of(found.experiment, run, sample.series))


def _holding(series: Series, own: Settings) -> Replay:
    settings = Settings(
        commission=own.commission,
        slippage=own.slippage,
        fill=own.fill,
        initial_capital=own.initial_capital,
        periods_per_year=own.periods_per_year,
    )
    return Replay(series, load_strategy("buy_hold"), np.empty(0), settings)


def _defaults(sample: Sample, place: int) -> Rival:
    """The baseline that the sweep ran beside a candidate."""
    candidates: Candidates = sample.candidates
    baseline = candidates.runs["baseline"].to_numpy(zero_copy_only=False)
    mine = np.flatnonzero(baseline & (candidates.group == candidates.group[place]))
    if not mine.size:
        raise UnknownReference("defaults: the sweep has no finished run of the strategy's defaults")
    run = candidates.run(int(mine[0]))
    return Rival(run["ref"], replay_of(candidates.experiment(int(mine[0])), run, sample.series))
