"""Answers kept in the process: files of runs never change, so neither does what they say."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

from store.query.results import Results
from store.records.experiment import Experiment

_Value = TypeVar("_Value")


def _one(answer: object) -> int:
    return 1


class Kept:
    """The last few answers, by what was asked.

    Args:
        most: how many; or how much, where they are weighed.
        weight: of an answer.
    """

    def __init__(self, most: int, weight: Callable[[Any], int] = _one) -> None:
        self._most, self._weight, self._lock = most, weight, threading.Lock()
        self._answers: OrderedDict[Hashable, object] = OrderedDict()
        self._total = 0

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """The answer of a key, made where it is not kept."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]  # type: ignore[return-value]
        value = make()
        self.put(key, value)
        return value

    def peek(self, key: Hashable) -> Any:
        """The answer of a key; None where it is not kept."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
            return self._answers.get(key)

    def put(self, key: Hashable, value: object) -> None:
        """Keep an answer, and let the oldest go where that is too much."""
        with self._lock:
            if key in self._answers:
                return
            self._put(key, value)

    def replace(self, key: Hashable, value: object) -> None:
        """Keep another form of an answer."""
        with self._lock:
            if key in self._answers:
                self._total -= self._weight(self._answers.pop(key))
            self._put(key, value)

    def _put(self, key: Hashable, value: object) -> None:
        self._answers[key] = value
        self._total += self._weight(value)
        while self._total > self._most and self._answers:
            self._total -= self._weight(self._answers.popitem(last=False)[1])


def key_of(results: Results, experiment: Experiment) -> tuple[Hashable, ...]:
    """Names the runs of an experiment as they are now."""
    files = tuple(sorted((name, repr(file)) for name, file in experiment.files.items()))
    return str(results.root), experiment.id, experiment.status, files
