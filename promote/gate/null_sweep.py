"""Rate at which a gate promotes luck: an experiment repeated where there is nothing to find.

Every replica is the experiment's own sweep, all of its strategies, configurations, settings and
windows, on bars without skill (`null_bars`). The choice is made again, and judged by the same
checks with the same limits. Whatever passes was promoted by luck. With an edge planted in the bars,
the share that passes is the gate's power.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from promote.candidates.judged_sample import Sample
from promote.candidates.null_bars import Edge
from promote.candidates.redrawn_sweeps import redrawn
from promote.gate.counted import Counted, count
from promote.gate.evidence.options import Question
from promote.gate.judge import HOPELESS, KEPT, passes, samples_of, selected, verdicts
from promote.gate.preset import Preset
from promote.gate.verdict import Verdict
from promote.statistics.binomial_interval import Proportion, proportion
from store.errors import UnknownReference
from store.query.results import Results
from store.records.experiment import Experiment
from store.registry import HoldoutUse
from store.runs.reader import Shelf
from sweeper.spread import over_cores

LEFT_OUT = ("clean_tree", "look_ahead", "permutation", "verify")
"""Checks of the code, and of the bars' order, which say nothing here: they could but reject more,
so that the rates are those of a gate that is no stricter than the real one."""


@dataclass(frozen=True, eq=False)
class Subject:
    """An experiment that is repeated.

    Attributes:
        results: of the store.
        experiment: its record.
        samples: its candidates on their own bars, by pool.
        counted: what was tried on these, as the ledger says.
    """

    results: Results
    experiment: Experiment
    samples: Sequence[Sample]
    counted: Counted | None = None

    @property
    def configurations(self) -> int:
        """Number of configurations of all pools."""
        return sum(len(sample.candidates.runs) for sample in self.samples)


class Outcome(NamedTuple):
    """Outcome of a gate on one replica.

    Attributes:
        promoted: nothing stops it.
        stopped: the checks that do; not those that a kept holdout has left out.
    """

    promoted: bool
    stopped: tuple[str, ...]


def outcome(judged: Iterable[Verdict]) -> Outcome:
    """Outcome of some verdicts."""
    verdicts = tuple(judged)
    stopped = (v.check for v in verdicts if v.blocks and v.reason not in (KEPT, HOPELESS))
    return Outcome(passes(verdicts), tuple(stopped))


@dataclass
class Tally:
    """Verdicts of a gate on the replicas so far.

    Attributes:
        replicas: that were judged.
        promoted: of them.
        rejected: replicas that each check has stopped.
        alone: replicas that nothing else has stopped: what the check costs, or saves.
    """

    replicas: int = 0
    promoted: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)

    def add(self, judged: Iterable[Verdict]) -> None:
        """Count a replica."""
        self.count(outcome(judged))

    def count(self, judged: Outcome) -> None:
        """Count a replica by what came of it."""
        promoted, stopped = judged
        self.replicas += 1
        self.promoted += promoted
        self.rejected.update(stopped)
        if len(stopped) == 1:
            self.alone.update(stopped)

    @property
    def rate(self) -> Proportion:
        """Share of the replicas that were promoted, with a 95 % interval."""
        return proportion(self.promoted, self.replicas)

    def to_dict(self) -> dict[str, object]:
        """As JSON types, the checks that rejected most first."""
        return {
            "replicas": self.replicas,
            "promoted": self.promoted,
            **self.rate._asdict(),
            "rejected": dict(self.rejected.most_common()),
            "alone": dict(self.alone.most_common()),
        }


class Unrecorded:
    """A log of looks at a holdout that exists for one replica: each look is the first."""

    def __init__(self) -> None:
        self._uses: list[HoldoutUse] = []

    def use_holdout(self, use: HoldoutUse) -> int:
        """Remember a look."""
        self._uses.append(use)
        return len(self._uses)

    def holdout_uses(
        self, symbol: str | None = None, fingerprint: str | None = None
    ) -> list[HoldoutUse]:
        """The looks so far."""
        return list(self._uses)


def subject(root: Path, ref: str) -> Subject:
    """The experiment of a REF, ready to be repeated.

    Raises:
        UnknownReference: it names a run, nothing, or an experiment of which nothing has finished.
        StoreError: the experiment has not ended, or its bars have changed.
    """
    results = Results(root)
    reference = results.resolve(ref)
    if reference.run is not None:
        raise UnknownReference(f"{ref}: names a run; a null sweep repeats the experiment it is of")
    samples = samples_of(Shelf(root), reference)
    for sample in samples:
        sample.frame  # noqa: B018 -- loads the bars, or says what became of them
    return Subject(results, reference.experiment, samples, count(root, reference.experiment))


def measurable(preset: Preset) -> Preset:
    """The preset without the checks that say nothing on drawn bars; `changed` names them."""
    there = {**preset.checks, **preset.warnings}
    return preset.change({name: None for name in LEFT_OUT if name in there})


def judged(
    original: Subject, samples: Sequence[Sample], preset: Preset, question: Question
) -> tuple[Verdict, ...]:
    """Judgement of the choice from one replica's samples."""
    log = Unrecorded()
    evidence = selected(
        original.results, original.experiment, samples, preset, question, log, original.counted
    )
    return verdicts(preset, evidence, question)


def null_sweep(
    original: Subject,
    preset: Preset,
    question: Question,
    *,
    replicas: int,
    seed: int,
    edge: Edge | None = None,
    seconds: float | None = None,
    workers: int = 1,
) -> Iterator[Tally]:
    """Repeat an experiment on drawn bars; the tally after each replica, one object throughout.

    Replica k depends on the seed and k only: more replicas continue fewer.

    Args:
        original: what is repeated.
        preset: checks and limits; see `measurable`.
        question: how a choice is made, and what it has to beat.
        replicas: how many.
        seed: of the drawn bars.
        edge: what is planted in them, or None.
        seconds: after which no replica is counted any more; None: all are. One is, in any case.
        workers: processes that share the replicas; the tallies are those of one.
    """
    begun = monotonic()
    tally = Tally()

    def replica(number: int) -> tuple[Verdict, ...]:
        samples = redrawn(original.samples, (seed, 0, number), edge)
        return judged(original, samples, preset, question)

    for replayed in over_cores(replica, replicas, workers):
        tally.add(replayed)
        yield tally
        if seconds is not None and monotonic() - begun > seconds:
            return
