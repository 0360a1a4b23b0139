"""Proposals of a language model, checked one by one before any is run.

An answer is `{"proposals": [{"fast": 5, "slow": 20}, ...], "reason": "..."}`. It is text from
elsewhere: it is read as JSON, never run, and never becomes a path, a command or a config key.
"""

import math
from collections import Counter
from collections.abc import Container
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, create_model

from sweeper.search import Point, key
from sweeper.space.axes import Axis, Choices, Interval
from sweeper.space.constraint import short
from sweeper.space.space import Space

MOST_REASONS = 10
MOST_CHARACTERS = 160
"""Of a reason for a rejection: a name or value that the model made up may be long."""

KINDS = {
    "extra_forbidden": "with unknown names",
    "missing": "incomplete",
    "value_error": "outside the space",
}
"""How a fault that pydantic finds is counted; any other is a wrong type."""


class Malformed(Exception):
    """An answer that is not JSON of the form asked for; the message says how, on one line."""


@dataclass
class Reviewed:
    """An answer, its proposals told apart.

    Attributes:
        points: those that may run, each once.
        rejected: how many were rejected, by kind.
        faults: why, a line each, of the first few.
        reason: the model's own words, on one line of printable characters; may be empty.
    """

    points: list[Point] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    reason: str = ""

    def reject(self, number: int, kind: str, fault: str) -> None:
        """Count a proposal that may not run."""
        self.rejected[kind] += 1
        if len(self.faults) < MOST_REASONS:
            self.faults.append(_line(f"proposal {number}: {fault}"))


class Reader:
    """Reads answers about one space."""

    def __init__(self, space: Space) -> None:
        """Build the schema of a proposal: a number, or null where the axis has it, per axis."""
        self._space = space
        fields: dict[str, Any] = {
            f"axis_{place}": (
                Annotated[float | None, AfterValidator(partial(_on_axis, axis))],
                Field(alias=short(axis.name)),
            )
            for place, axis in enumerate(space.axes)
        }
        strict = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)
        self._proposal: type[BaseModel] = create_model("Proposal", __config__=strict, **fields)

    def read(self, text: str, most: int, taken: Container[Point]) -> Reviewed:
        """Tell the proposals of an answer apart.

        Args:
            text: the model's, with or without words around the JSON.
            most: how many points are wanted; what comes after them is not looked at.
            taken: points that were proposed before.

        Raises:
            Malformed: nothing can be read.
        """
        answer = _answer(text)
        reviewed = Reviewed(reason=_line(answer.reason) if isinstance(answer.reason, str) else "")
        for number, given in enumerate(answer.proposals, start=1):
            if len(reviewed.points) == most:
                break
            self._judge(number, given, reviewed, taken)
        return reviewed

    def _judge(
        self, number: int, given: object, reviewed: Reviewed, taken: Container[Point]
    ) -> None:
        try:
            proposal = self._proposal.model_validate(given)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(map(str, first["loc"]))
            message = f"{where}: {first['msg']}" if where else first["msg"]
            reviewed.reject(number, KINDS.get(first["type"], "of a wrong type"), message)
            return
        point = key(list(dict(proposal).values()))
        if not self._space.valid(np.array([point]))[0]:
            fault = f"breaks the {self._space.rules_text}"
            reviewed.reject(number, "against the constraint", fault)
        elif point in taken or point in reviewed.points:
            reviewed.reject(number, "repeated", "was proposed before")
        else:
            reviewed.points.append(point)


class _Answer(BaseModel):
    """The whole answer; what stands next to these two is not looked at."""

    proposals: list[object]
    reason: object = ""


def _answer(text: str) -> _Answer:
    """The JSON object in a text: some models put words or a fence around it."""
    start, stop = text.find("{"), text.rfind("}") + 1
    if not 0 <= start < stop:
        raise Malformed("it holds no JSON object")
    try:
        return _Answer.model_validate_json(text[start:stop])
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise Malformed(_line(f"{where or 'JSON'}: {first['msg']}")) from None


def _on_axis(axis: Axis, value: float | None) -> float:
    """The value of the axis that is meant; ValueError when there is none."""
    number = math.nan if value is None else value + 0.0  # which makes -0.0 the 0.0 it equals
    if isinstance(axis, Interval):
        below = number <= axis.high if axis.integer else number < axis.high
        if axis.low <= number and below and (not axis.integer or number == int(number)):
            return number
    elif isinstance(axis, Choices):  # 0.3 is meant where range() made 0.30000000000000004
        same = np.isclose(axis.values, number, rtol=1e-9, atol=0, equal_nan=True)
        if same.any():
            return float(axis.values[same][0])
    elif axis.find(number) is not None:
        return number
    raise ValueError(f"{'null' if value is None else f'{value:g}'} is no value of this parameter")


def _line(text: str) -> str:
    """A text as one line of printable characters, bounded."""
    plain = "".join(letter if letter.isprintable() else " " for letter in text[:1000])
    plain = " ".join(plain.split())
    return plain if len(plain) <= MOST_CHARACTERS else f"{plain[: MOST_CHARACTERS - 3]}..."
