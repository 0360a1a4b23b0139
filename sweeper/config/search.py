"""The config group `search`: how points are chosen, what makes one better, checked once."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store.runs.metric_order import best_end
from store.runs.requirement import NONE, Requirement
from sweeper.config.closest_word import KEYS_ELSEWHERE, closest_word
from sweeper.config.number_hint import typed
from sweeper.search import options

MODES = ("max", "min")
RANKS_BY = [["sharpe", "max"]]
"""The goals of a search that names none."""


@dataclass(frozen=True, slots=True)
class Goal:
    """A metric, and which end of it is best: max or min."""

    metric: str
    mode: str

    @property
    def sign(self) -> float:
        """Factor on the metric, so that more is better."""
        return 1.0 if self.mode == "max" else -1.0


@dataclass(frozen=True)
class SearchConfig:
    """Settings by which points of a space are chosen and ranked.

    Attributes:
        kind: the search, a file of `sweeper/search`.
        n: how many points; None where the search itself decides.
        seed: of all that is drawn.
        goals: what is looked for, at least one; the first ranks where there must be one order.
        require: what a configuration's results have to meet for it to rank.
        prune: after a rung of folds or symbols one in so many configurations goes on; None is off.
        options: a value for each further key of this kind.
    """

    kind: str
    n: int | None
    seed: int
    goals: tuple[Goal, ...]
    prune: int | None
    options: Mapping[str, Any]
    require: Requirement = NONE

    @classmethod
    def of(cls, config: Mapping[str, object]) -> "SearchConfig":
        """Read the composed group `search`.

        Raises:
            ValueError: one line: an unknown kind or key, or a value of the wrong type.
        """
        given = dict(config)
        kind = str(given.pop("kind", "grid"))
        n, seed = _whole("search.n", given.pop("n", None)), _whole("search.seed", given.pop("seed"))
        prune = _prune(given.pop("prune", None))
        goals = _goals(given.pop("metric"), given.pop("mode"))
        require = Requirement.read(given.pop("require", None))
        defaults = options(kind)
        for key in given:
            if key not in defaults:
                has = ("n", "seed", "metric", "mode", "require", "prune", *defaults)
                same = KEYS_ELSEWHERE.get(key, "").removeprefix("search.")
                near = same if same in has else closest_word(key, has)
                hint = f"did you mean search.{near}?" if near else f"it has {', '.join(has)}"
                raise ValueError(f"search.{key}: {kind} has no such key; {hint}")
        return cls(kind, n, 0 if seed is None else seed, goals, prune, defaults | given, require)

    @property
    def metric(self) -> str:
        """The metric that ranks."""
        return self.goals[0].metric

    @property
    def mode(self) -> str:
        """Which end of it is best."""
        return self.goals[0].mode

    def given(self) -> dict[str, object]:
        """Arguments that a search may ask for when it is made, by name."""
        return {"n": self.n, "seed": self.seed, "goals": self.goals, **self.options}

    def record(self) -> dict[str, object]:
        """The group as an experiment's record keeps it."""
        goals = {"goals": [[goal.metric, goal.mode] for goal in self.goals]}
        return {
            "kind": self.kind,
            "n": self.n,
            "seed": self.seed,
            "metric": self.metric,
            "mode": self.mode,
            **(goals if len(self.goals) > 1 else {}),
            "prune": self.prune,
            **({"require": list(map(str, self.require.conditions))} if self.require else {}),
            **self.options,
        }

    def identity(self, learns: bool) -> list[object]:
        """Everything that decides which points run, and what ranks them: files by content.

        Another metric or requirement is another experiment, whose runs are copied: its best, its
        plateau and its report are others. Sharpe, the usual one, is left out, as in plans of
        earlier versions.
        """
        decides = dict(self.options)
        if path := decides.get("path"):
            decides["path"] = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        looks = learns or self.prune is not None
        asked = [[goal.metric, goal.mode] for goal in self.goals]
        goals = asked if looks or asked != RANKS_BY else []
        required = [sorted(map(str, self.require.conditions))] if self.require else []
        return [self.kind, self.n, self.seed, decides, self.prune, goals, *required]


def _goals(metrics: object, modes: object) -> tuple[Goal, ...]:
    """One goal for a text each, or several for two lists of one length; a mode may be left out."""
    metrics = _listed("search.metric", metrics)
    ends = [best_end(metric) for metric in metrics]
    if modes is None:
        modes = ends
    elif isinstance(modes, Sequence) and not isinstance(modes, str) and len(modes) == len(ends):
        modes = [end if mode is None else mode for end, mode in zip(ends, modes, strict=True)]
    modes = _listed("search.mode", modes)
    if len(metrics) != len(modes):
        raise ValueError(
            f"search.mode: need max or min for each of {len(metrics)} metrics, got {len(modes)}: "
            f"{', '.join(modes)}; say search.mode=[{','.join(ends)}], or leave it out"
        )
    for metric in metrics:
        if metrics.count(metric) > 1:
            raise ValueError(f"search.metric: {metric} is listed twice; keep one")
    for mode in modes:
        if mode not in MODES:
            near = closest_word(mode, MODES)
            hint = f"; did you mean {near}?" if near else ""
            raise ValueError(f"search.mode: must be one of max, min, got {mode!r}{hint}")
    return tuple(Goal(metric, mode) for metric, mode in zip(metrics, modes, strict=True))


def _prune(value: object) -> int | None:
    """The factor of `search.prune`; true is 2."""
    if value is None or value is False:
        return None
    if value is True:
        return 2
    if not isinstance(value, int) or not 2 <= value <= 100:
        raise ValueError(
            f"search.prune: must be null or a whole number from 2 to 100, got {value!r}"
        )
    return value


def _listed(key: str, value: Any) -> list[str]:
    given = list(value) if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    if not given or not all(isinstance(name, str) and name for name in given):
        raise ValueError(f"{key}: need a name or a list of names, got {typed(value)}")
    return given


def _whole(key: str, value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise ValueError(f"{key}: must be a whole number, got {value!r}")
