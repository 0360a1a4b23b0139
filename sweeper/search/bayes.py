"""Points where earlier ones did well: samplers of Optuna, asked and told in rounds.

`tpe` is the tree-structured Parzen estimator (Bergstra et al. 2011, Algorithms for Hyper-Parameter
Optimization; multivariate as in Falkner et al. 2018), `cmaes` CMA-ES (Hansen and Ostermeier 2001),
`nsga2` NSGA-II (Deb et al. 2002), `qmc` a scrambled Sobol sequence, which learns nothing. Several
goals are searched together by tpe and nsga2, for the points that none is better than in all goals.
"""

import math
import warnings
from typing import Protocol

import numpy as np
import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)
from optuna.exceptions import ExperimentalWarning
from optuna.samplers import BaseSampler, CmaEsSampler, NSGAIISampler, QMCSampler, TPESampler
from optuna.study import StudyDirection
from optuna.trial import FrozenTrial, Trial, TrialState, create_trial

from sweeper.search import Point, key, room
from sweeper.space.axes import Axis, Choices, Floats, Interval, Range
from sweeper.space.space import Space

optuna.logging.set_verbosity(optuna.logging.ERROR)

SAMPLERS = ("tpe", "cmaes", "nsga2", "qmc")
ASK_SECONDS = {"tpe": 5e-3, "cmaes": 2e-3, "nsga2": 3e-4, "qmc": 3e-4}
"""Of one ask, measured over the first few hundred; that of tpe grows with what it was told."""

ASKS = 10
"""How often a sampler is asked for a point that is new and allowed, before one is drawn."""

DRAWS = 100
"""How often one is drawn then, before the round is left with fewer points."""

FEWEST, LARGEST = 4, 50
"""Points of a generation: of both at least, of nsga2 at most, which is Optuna's own number."""


class Goal(Protocol):
    """Which metric is looked for; what is told is already the higher the better."""

    metric: str
    mode: str


class Bayes:
    """A learner (see `sweeper.search`): it is a function of the seed and of what it was told.

    What tpe needs is in the points and scores told, so each round it starts again on those. The
    other samplers keep a state of their own: in a sweep that goes on, they are asked again.
    """

    def __init__(self, space: Space, n: int, seed: int, goals: int, sampler: str, batch: int):
        self.batch = min(batch, n + 1)
        self.rounds = -(-(n + 1) // self.batch)
        self.budget = n
        self.notes = space.notes
        self.ask_seconds = ASK_SECONDS[sampler]
        self._space = space
        self._seed = seed
        self._sampler = sampler
        self._directions = [StudyDirection.MAXIMIZE] * goals
        self._codes = [_Code(axis) for axis in space.axes]
        self._seen: set[Point] = set()
        self._told: list[FrozenTrial] = []
        self._rounds_told = 0
        self._asked: list[Trial | None] | None = None
        self._study = self._new_study(0)

    def ask(self, number: int) -> Floats:
        """The points of a round; see `sweeper.search.Learner`."""
        if self._sampler == "tpe":
            self._study = self._new_study(number)
            self._study.add_trials(self._told)
        left = min(room(self.batch, number), self.budget - len(self._seen))
        random = np.random.default_rng(_entropy(self._seed, number))
        points: list[Point] = []
        self._asked = []
        for _ in range(left):
            trial, point = self._suggested()
            if point is None:
                point = self._drawn(random)
            if point is None:
                break
            self._seen.add(point)
            points.append(point)
            self._asked.append(trial)
        return np.array(points).reshape(len(points), len(self._codes))

    def tell(self, values: Floats, scores: Floats) -> None:
        """Take the results of a round; see `sweeper.search.Learner`."""
        if self._asked is None and self._sampler != "tpe":
            again = self.ask(self._rounds_told)
            if not np.array_equal(again, values, equal_nan=True):
                raise RuntimeError(
                    f"search.sampler: {self._sampler} proposes other points for round "
                    f"{self._rounds_told} than are kept of it: was another Optuna installed?"
                )
        self._seen.update(key(row) for row in values)
        if self._sampler == "tpe":
            self._told += [self._record(*pair) for pair in zip(values, scores, strict=True)]
        else:
            assert self._asked is not None
            for trial, row in zip(self._asked, scores, strict=True):
                if trial is not None:
                    self._tell_trial(trial, row)
        self._asked = None
        self._rounds_told += 1

    def _suggested(self) -> tuple[Trial | None, Point | None]:
        """A point of the sampler's that is allowed and new, with its trial; or neither."""
        for _ in range(ASKS):
            trial = self._study.ask({code.name: code.distribution for code in self._codes})
            point = key([code.value(trial.params[code.name]) for code in self._codes])
            barred = not self._space.valid(np.array([point]))[0]
            if not barred and point not in self._seen:
                return trial, point
            # That tpe learns to keep away from what is barred, one goal given, is all it can do.
            learns = barred and self._sampler == "tpe" and len(self._directions) == 1
            self._study.tell(trial, state=TrialState.PRUNED if learns else TrialState.FAIL)
        return None, None

    def _drawn(self, random: np.random.Generator) -> Point | None:
        """A point at random, allowed and new: a sampler that has closed in repeats itself."""
        for _ in range(DRAWS):
            point = key([code.drawn(random) for code in self._codes])
            if self._space.valid(np.array([point]))[0] and point not in self._seen:
                return point
        return None

    def _new_study(self, number: int) -> optuna.Study:
        seed = int(_entropy(self._seed, number).generate_state(1)[0])
        sampler = _sampler(self._sampler, seed, generation(self.batch))
        study = optuna.create_study(sampler=sampler, directions=self._directions)
        if self._sampler == "qmc":  # its sequence begins once it has been told of any point at all
            point = np.array([code.drawn(np.random.default_rng(0)) for code in self._codes])
            study.add_trial(self._record(point, np.zeros(len(self._directions))))
        return study

    def _record(self, row: Floats, scores: Floats) -> FrozenTrial:
        params = {
            code.name: code.param(value) for code, value in zip(self._codes, row, strict=True)
        }
        failed = bool(np.isnan(scores).any())
        return create_trial(
            state=TrialState.FAIL if failed else TrialState.COMPLETE,
            params=params,
            distributions={code.name: code.distribution for code in self._codes},
            values=None if failed else scores.tolist(),
        )

    def _tell_trial(self, trial: Trial, scores: Floats) -> None:
        if np.isnan(scores).any():
            self._study.tell(trial, state=TrialState.FAIL)
        else:
            self._study.tell(trial, scores.tolist())


class _Code:
    """One axis as Optuna has it: a range, an interval, or places in a list of values.

    Attributes:
        name: of the axis.
        distribution: Optuna's.
    """

    def __init__(self, axis: Axis) -> None:
        self.name = axis.name
        self._axis = axis
        self._values = np.sort(axis.values) if isinstance(axis, Choices) else None
        self.distribution = self._distribution()

    def _distribution(self) -> BaseDistribution:
        axis = self._axis
        if isinstance(axis, Interval):
            if axis.integer:
                return IntDistribution(int(axis.low), int(axis.high), log=axis.log)
            return FloatDistribution(axis.low, axis.high, log=axis.log)
        if isinstance(axis, Range):
            low, high = sorted(axis.ends().astype(int).tolist())
            return IntDistribution(low, high, step=abs(axis.step))
        if np.isnan(axis.values).any():  # off is no number: it has no neighbours
            return CategoricalDistribution(range(axis.size))
        return IntDistribution(0, axis.size - 1)

    def value(self, param: float) -> float:
        """The axis value of one of Optuna's."""
        if self._values is not None:
            return float(self._values[int(param)])
        axis = self._axis
        if isinstance(axis, Interval) and not axis.integer:
            return min(float(param), math.nextafter(axis.high, axis.low))
        return float(param)

    def param(self, value: float) -> int | float:
        """Optuna's value of an axis value."""
        if self._values is not None:
            same = np.isnan(self._values) if math.isnan(value) else self._values == value
            return int(np.flatnonzero(same)[0])
        return value if isinstance(self.distribution, FloatDistribution) else int(value)

    def drawn(self, random: np.random.Generator) -> float:
        """A value at random."""
        if isinstance(self._axis, Interval):
            return float(self._axis.quantile(random.random(1))[0])
        return float(self._axis.at(random.integers(0, self._axis.size, 1))[0])


def generation(batch: int) -> int:
    """Number of points cmaes and nsga2 learn from at a time: as every round is sure to bring.

    That is three quarters of it, as some points fail, and some are drawn here. A generation that a
    round leaves open goes on in the next one, which then learns nothing from this.
    """
    return max(3 * batch // 4, FEWEST)


def _sampler(name: str, seed: int, generation: int) -> BaseSampler:
    with warnings.catch_warnings():  # that an argument may change one day: the lock pins it
        warnings.simplefilter("ignore", ExperimentalWarning)
        if name == "tpe":
            return TPESampler(seed=seed, multivariate=True, constant_liar=True)
        if name == "cmaes":
            return CmaEsSampler(seed=seed, popsize=generation, warn_independent_sampling=False)
        if name == "nsga2":
            return NSGAIISampler(seed=seed, population_size=min(generation, LARGEST))
        return QMCSampler(seed=seed, scramble=True, warn_independent_sampling=False)


def _entropy(seed: int, number: int) -> np.random.SeedSequence:
    return np.random.SeedSequence([seed % 2**64, number])


def make(
    space: Space,
    *,
    n: int | None,
    seed: int,
    goals: tuple[Goal, ...],
    sampler: str = "tpe",
    batch: object = 20,
) -> Bayes:
    """Plan n points, a round of `batch` at a time.

    Raises:
        ValueError: no axis, n or batch out of range, or a sampler that cannot serve these goals.
    """
    if n is None or n < 1:
        raise ValueError(f"search.n: bayes needs how many points to propose, 1 or more, got {n}")
    if isinstance(batch, bool) or not isinstance(batch, int) or batch < 2:
        raise ValueError(f"search.batch: points of a round, 2 or more, got {batch}")
    if sampler not in SAMPLERS:
        raise ValueError(
            f"search.sampler: must be one of {', '.join(SAMPLERS)}, got {sampler!r}; "
            "gp would need PyTorch"
        )
    if not space.axes:
        raise ValueError("search: bayes needs a swept number, got none; sweep a parameter")
    if len(goals) > 1 and sampler == "cmaes":
        raise ValueError(
            f"search.sampler: cmaes searches for one metric, got {len(goals)}; use nsga2 or tpe"
        )
    return Bayes(space, n, seed, len(goals), sampler, batch)
