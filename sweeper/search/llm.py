"""Points that a language model proposes, from the results of the rounds before.

Round 0 is drawn at random; each round after it is one iteration of the model, asked at most twice.
What it proposes is checked before it is run (`sweeper.search.llm_model.proposals`). What is missing
of a round comes from a seeded heuristic: mutations of the best points, and random ones. So does
every round where no model is set up or none answers, and that is said each time.
"""

import importlib.util
import math
import os
from collections import Counter
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Protocol

import numpy as np

from sweeper.notes import note
from sweeper.search import Point, key, random
from sweeper.search.llm_model import heuristic
from sweeper.search.llm_model.prompt import again, conversation
from sweeper.search.llm_model.proposals import Malformed, Reader, Reviewed
from sweeper.search.llm_model.settings import Server, Unanswered
from sweeper.space.axes import Floats
from sweeper.space.space import Space

if TYPE_CHECKING:
    from sweeper.search.llm_model.client import Chat

ADVISED = 10
"""Results that a model should have seen before its first proposal."""

ANSWER_SECONDS = 10.0
"""What a hosted model takes for an answer, about."""

HEURISTIC_SECONDS = 2e-4
"""What the heuristic takes for a point, measured."""

PATIENT_ROUNDS = 2
"""After so many rounds in a row without a proposal that can be run the model is not asked again."""


class Goal(Protocol):
    """Which metric is looked for, and which end of it is best."""

    metric: str
    mode: str


class Llm:
    """A learner (see `sweeper.search`).

    What the heuristic does is a function of the seed and of what was told; what a model does is
    not, but a round is kept before it is run, so that nothing is asked twice.
    """

    def __init__(
        self,
        space: Space,
        seed: int,
        goal: Goal,
        server: Server | None,
        drawn: Floats,
        *,
        batch: int,
        min_history: int,
        max_iterations: int,
        threshold: float,
        patience: int,
        timeout: float,
        retries: int,
    ) -> None:
        self.batch = max(batch, min_history + 1)
        self.rounds = 1 + max_iterations
        self.budget = len(drawn)
        asking = ANSWER_SECONDS * max_iterations / self.budget
        self.ask_seconds = asking if server else HEURISTIC_SECONDS
        self.notes = (*space.notes, *_notes(server, min_history))
        self._space = space
        self._seed = seed
        self._goal = goal
        self._sign = 1.0 if goal.mode == "max" else -1.0
        self._server = server
        self._drawn = drawn
        self._first = min_history
        self._share = batch
        self._threshold = threshold
        self._patience = patience
        self._connection = (timeout, retries)
        self._silent = 0
        self._reader = Reader(space)
        self._scores: dict[Point, float] = {}
        self._best: list[float] = []

    def ask(self, number: int) -> Floats:
        """The points of a round; see `sweeper.search.Learner`."""
        if number == 0:
            points = list(islice(heuristic.unseen(self._drawn, set()), self._first))
        elif self._converged():
            note(
                f"search=llm ends before round {number}: the best {self._goal.metric} got better "
                f"by less than {self._threshold:g} in {self._patience} rounds (search.threshold)"
            )
            points = []
        else:
            left = min(self._share, self.budget - len(self._scores))
            points = self._asked(number, left)
            points += self._guessed(number, left - len(points), set(points))
        return np.array(points).reshape(len(points), len(self._space.axes))

    def tell(self, values: Floats, scores: Floats) -> None:
        """Take the results of a round; see `sweeper.search.Learner`."""
        self._scores |= zip(map(key, values), scores[:, 0].tolist(), strict=True)
        finite = [score for score in self._scores.values() if not math.isnan(score)]
        self._best.append(max(finite, default=-math.inf))

    def _converged(self) -> bool:
        if len(self._best) <= self._patience:
            return False
        return self._best[-1] - self._best[-1 - self._patience] < self._threshold

    def _guessed(self, number: int, wanted: int, besides: set[Point]) -> list[Point]:
        return heuristic.propose(
            self._space, self._drawn, self._scores, besides, wanted, self._seed, number
        )

    def _asked(self, number: int, wanted: int) -> list[Point]:
        """At most so many points of the model; none when there is no model or no answer."""
        if self._server is None or self._silent == PATIENT_ROUNDS or not wanted:
            return []
        reviewed = Reviewed()
        try:
            self._converse(reviewed, wanted)
            trouble = ""
        except (Unanswered, Malformed) as error:
            trouble = str(error)
        self._silent = 0 if reviewed.points else self._silent + 1
        self._report(number, reviewed, wanted, trouble)
        return reviewed.points

    @cached_property
    def _chat(self) -> "Chat":
        from sweeper.search.llm_model.client import (
            Chat,  # here: only who has a key needs the package, for 1 s
        )

        assert self._server is not None
        return Chat(self._server, *self._connection)

    def _converse(self, reviewed: Reviewed, wanted: int) -> None:
        """Ask, and when too little of the answer can be run, once more with the reasons."""
        history = {point: self._sign * score for point, score in self._scores.items()}
        goal = self._goal
        messages = conversation(self._space, goal.metric, goal.mode, history, wanted)
        answer = self._chat.answer(messages)
        try:
            self._read(answer, reviewed, wanted)
        except Malformed as error:
            reviewed.faults.append(str(error))
        if missing := wanted - len(reviewed.points):
            more = [*messages, *again(answer, reviewed.faults, missing)]
            self._read(self._chat.answer(more), reviewed, missing)

    def _read(self, answer: str, reviewed: Reviewed, wanted: int) -> None:
        taken = self._scores.keys() | set(reviewed.points)
        read = self._reader.read(answer, wanted, taken)
        reviewed.points += read.points
        reviewed.rejected += read.rejected
        reviewed.faults += read.faults
        reviewed.reason = read.reason or reviewed.reason

    def _report(self, number: int, reviewed: Reviewed, wanted: int, trouble: str) -> None:
        """Say what became of a round's proposals, and who proposes the rest of it."""
        texts = [f"{self._server} proposes {len(reviewed.points)} of {wanted} points"]
        texts += _counted(reviewed.rejected)
        if trouble:
            texts.append(f"no use of its answer: {trouble}")
        if missing := wanted - len(reviewed.points):
            texts.append(f"the seeded heuristic proposes {missing}")
        if self._silent == PATIENT_ROUNDS:
            texts.append(f"nothing came of it {PATIENT_ROUNDS} times: the model is not asked again")
        if reviewed.reason:
            texts.append(f'it says: "{reviewed.reason}"')
        note(f"search=llm round {number}: {'; '.join(texts)}")


def _notes(server: Server | None, min_history: int) -> list[str]:
    notes = []
    if server is None:
        notes.append(
            "search=llm: no model is asked, for neither LLM_API_KEY nor DEEPSEEK_API_KEY is set; a "
            "seeded heuristic, mutations of the best points and random ones, proposes instead"
        )
    else:
        notes.append(
            f"search=llm: asks {server}; the space and the scores are sent there, no bars and no "
            "names; where it gives no answer, a seeded heuristic proposes"
        )
    if min_history < ADVISED:
        notes.append(
            f"search.min_history: {min_history} results are few to learn from before the first "
            f"proposal; {ADVISED} or more are advised"
        )
    return notes


def _counted(rejected: Counter[str]) -> list[str]:
    if not rejected:
        return []
    kinds = ", ".join(f"{count} {kind}" for kind, count in rejected.items())
    return [f"rejected: {kinds}"]


def make(
    space: Space,
    *,
    n: int | None,
    seed: int,
    goals: tuple[Goal, ...],
    max_iterations: object = 10,
    batch: object = 10,
    min_history: object = 10,
    threshold: object = 0.001,
    patience: object = 3,
    timeout: object = 60.0,
    retries: object = 2,
) -> Llm:
    """Plan `min_history` random points and `max_iterations` rounds of `batch` proposals.

    Raises:
        ValueError: no axis, several metrics, a number out of range, a constraint that (almost) no
            point meets, an environment that names no server clearly, or no package to ask it with.
    """
    given = {
        "max_iterations": _number("max_iterations", max_iterations, 1, 1000),
        "batch": _number("batch", batch, 2, 100),
        "min_history": _number("min_history", min_history, 1, 10_000),
        "patience": _number("patience", patience, 1, 1000),
        "retries": _number("retries", retries, 0, 10),
    }
    if n is not None and n < 1:
        raise ValueError(f"search.n: llm needs how many points at most, 1 or more, got {n}")
    if not space.axes:
        raise ValueError("search: llm needs a swept number, got none; sweep a parameter")
    if len(goals) > 1:
        raise ValueError(f"search.metric: llm looks for one metric, got {len(goals)}; use bayes")
    most = given["min_history"] + given["max_iterations"] * given["batch"]
    draws = random.make(space, n=most if n is None else min(n, most), seed=seed)
    values, valid = draws.points(0, draws.size())
    return Llm(
        space,
        seed,
        goals[0],
        _server(),
        values[valid],
        threshold=_fraction("threshold", threshold, 0, 1e6),
        timeout=_fraction("timeout", timeout, 0.1, 3600),
        **given,
    )


def _server() -> Server | None:
    server = Server.of(os.environ)
    if server is not None and importlib.util.find_spec("openai") is None:
        raise ValueError(
            "search=llm: a key is set, but the package openai is not installed; "
            "python -m pip install openai, or unset the key for the heuristic"
        )
    return server


def _number(name: str, value: object, low: int, high: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(
            f"search.{name}: must be a whole number from {low} to {high}, got {value!r}"
        )
    return value


def _fraction(name: str, value: object, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ValueError(f"search.{name}: must be a number from {low} to {high:g}, got {value!r}")
    return float(value)
