"""Benchmarks of a candidate: cash, holding the asset, or another run, on the same bars."""

from dataclasses import asdict, dataclass

import numpy as np

from promote.candidates.judged_sample import Floats
from promote.gate.evidence.candidate import Candidate
from store.errors import UnknownReference
from store.query.results import Results
from store.replay.buy_and_hold import hold, hold_settings
from store.replay.replay import Replay, replay_of

HOLD, DEFAULTS = "buy-and-hold", "defaults"
"""What needs no REF: the asset, bought once; the strategy's defaults, which every sweep runs."""


@dataclass(frozen=True, slots=True, eq=False)
class Rival:
    """Something to beat.

    Attributes:
        name: a word of the above, or the REF of the run.
        replay: ready to run on the candidate's bars.
    """

    name: str
    replay: Replay

    def returns(self, span: tuple[int, int]) -> Floats:
        """(n,) return per bar on bars [start, stop); the first is against the initial capital."""
        return self.replay.returns(span)


def rival(results: Results, candidate: Candidate, name: str) -> Rival:
    """Benchmark that `name` stands for, on the bars of a candidate.

    Args:
        results: to find a REF in.
        candidate: holding the asset pays the same costs as it.
        name: buy-and-hold, defaults, or a REF that names a run.

    Raises:
        UnknownReference: it names no run.
    """
    if name == HOLD:
        return Rival(HOLD, _holding(candidate.replay))
    if name == DEFAULTS:
        return _defaults(candidate)
    reference = results.resolve(name)
    if reference.run is None:
        raise UnknownReference(f"{name}: names an experiment; a baseline is a run, such as ID/42")
    run = results.run(str(reference))
    return Rival(str(reference), replay_of(reference.experiment, run, candidate.sample.series))


def _holding(candidate: Replay) -> Replay:
    return hold(candidate.series, hold_settings(asdict(candidate.settings)))


def _defaults(candidate: Candidate) -> Rival:
    """The baseline that the sweep ran next to a candidate."""
    among = candidate.sample.candidates
    baseline = among.runs["baseline"].to_numpy(zero_copy_only=False)
    mine = np.flatnonzero(baseline & (among.group == among.group[candidate.place]))
    if not mine.size:
        raise UnknownReference("defaults: the sweep has no finished run of the strategy's defaults")
    place = int(mine[0])
    run, series = among.run(place), candidate.sample.series
    return Rival(run["ref"], replay_of(among.experiment(place), run, series))
