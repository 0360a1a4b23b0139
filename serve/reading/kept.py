"""Answers kept in the process: files of runs never change, so neither does what they say."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from store.query.results import Results
from store.records.experiment import Experiment

_Value = TypeVar("_Value")


class Kept:
    """The last few answers, by what was asked.

    Args:
        most: how many.
    """

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._answers: OrderedDict[Hashable, object] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        """The answer of a key, made where it is not kept."""
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]  # type: ignore[return-value]
        value = make()
        with self._lock:
            self._answers[key] = value
            while len(self._answers) > self._most:
                self._answers.popitem(last=False)
        return value


def key_of(results: Results, experiment: Experiment) -> tuple[Hashable, ...]:
    """Names the runs of an experiment as they are now."""
    files = tuple(sorted((name, repr(file)) for name, file in experiment.files.items()))
    return str(results.root), experiment.id, experiment.status, files
