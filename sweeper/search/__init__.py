"""Choice of points of a space; this folder is the registry: one file per search.

A file `NAME.py` has `make(space, *, ...)`. What it names there it gets: `n`, `seed`, `goals` (what
is looked for) and `rows` (configurations listed in a file); every other argument, with its default,
is a key of the config group `search`. It gives one of two things.

A `Search` numbers its points: point k is a pure function of (space, seed, k). Nothing is stored, so
any worker computes any stretch and a resumed sweep needs no replay.

A `Learner` proposes points in rounds, from the scores of the rounds before. Each round is written
down before it is run, so that a resumed sweep tells it the same again.
"""

import inspect
import math
from collections.abc import Mapping, Sequence
from typing import Protocol, cast, runtime_checkable

from store.files.plug_ins import PlugInFolder
from sweeper.space.axes import Floats
from sweeper.space.constraint import Bools
from sweeper.space.space import Space

ASKED = ("n", "seed", "goals", "rows")
"""What a `make` may name next to its own options."""

Point = tuple[float, ...]
"""A value for each axis."""


class Search(Protocol):
    """The points of one sweep, numbered 0..size-1; immutable and picklable."""

    @property
    def notes(self) -> tuple[str, ...]:
        """Notes for the user before the sweep starts, one line each."""

    def size(self) -> int:
        """Number of points, those that break the constraint included."""

    def count(self) -> int:
        """Number of points that meet the constraint: the configurations to run."""

    def points(self, start: int, stop: int) -> tuple[Floats, Bools]:
        """Points start..stop-1, 0 <= start <= stop <= size.

        Returns:
            values: (stop - start, d) float64, a column per axis of the space.
            valid: (stop - start,) bool, False where a point breaks the constraint.
        """


@runtime_checkable
class Learner(Protocol):
    """Proposes points round by round; what it does next depends on what it was told alone.

    Attributes:
        notes: what the user should be told before it starts, one line each.
        rounds: how many there are at most, >= 1.
        batch: how many points a round has at most, >= 2; see `room`.
        budget: how many points are proposed at most over all rounds.
        ask_seconds: about what proposing one point takes.
    """

    notes: tuple[str, ...]
    rounds: int
    batch: int
    budget: int
    ask_seconds: float

    def ask(self, number: int) -> Floats:
        """The points of round `number`, 0, 1, ...: (m, d), m <= room(batch, number).

        They meet the constraint, and none equals another one, of this round or an earlier one. No
        points at all: the search has ended.
        """

    def tell(self, values: Floats, scores: Floats) -> None:
        """Take the results of a round; called once after each, in order.

        When a sweep goes on that was killed, also for rounds that this learner was not asked for.

        Args:
            values: (m, d) the points of the round.
            scores: (m, goals) the higher the better; NaN in every column of a point that failed.
        """


class Make(Protocol):
    """Function `make` that every file of this folder offers; each names the arguments it wants."""

    def __call__(self, space: Space, **given: object) -> Search | Learner:
        """Plan a search.

        Args:
            space: what to choose from.
            given: of `n` (how many points, None where the search decides), `seed` (the same seed
                gives the same points, on any machine), `goals`, `rows` and its own options.

        Raises:
            ValueError: one line, when this search cannot serve this space or these values.
        """


FOLDER = PlugInFolder(__name__, "search", "search.kind", ("make",))


def names() -> tuple[str, ...]:
    """The searches there are, in alphabetical order."""
    return FOLDER.names()


def load(kind: str) -> Make:
    """The `make` of a search; ValueError when there is none of that name."""
    return cast(Make, FOLDER.load(kind).make)


def options(kind: str) -> dict[str, object]:
    """The keys that a search has of its own, with their defaults."""
    parameters = inspect.signature(load(kind)).parameters.values()
    own = [
        parameter
        for parameter in parameters
        if parameter.kind is parameter.KEYWORD_ONLY and parameter.name not in ASKED
    ]
    return {parameter.name: parameter.default for parameter in own}


def room(batch: int, number: int) -> int:
    """Number of points a learner may propose in a round: the first one also has the baseline."""
    return batch - (number == 0)


def key(row: Floats | Sequence[float]) -> Point:
    """A point as something to look up: NaN, off, is one object so that it equals itself."""
    return tuple(math.nan if math.isnan(value) else float(value) for value in row)


def plan(kind: str, space: Space, given: Mapping[str, object]) -> Search | Learner:
    """Make a search of what it wants out of all that is given."""
    make = load(kind)
    wanted = inspect.signature(make).parameters
    return make(space, **{name: value for name, value in given.items() if name in wanted})
