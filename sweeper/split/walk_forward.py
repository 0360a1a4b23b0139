"""Folds: choose on `train_k`, look at `test_k` right after it, move on by the length of the test.

Tests neither overlap nor leave a gap, so the tests of the configurations chosen on their trains
stitch to one out-of-sample record (Pardo 2008, The Evaluation and Optimization of Trading
Strategies, 2nd edition, chapter 11).
"""

from collections.abc import Mapping
from itertools import count
from typing import Any

from sweeper.config.durations import Length, Times, first_from, later
from sweeper.config.error_text import DoesNotFit
from sweeper.config.schema import one_of
from sweeper.config.window import Window

DEFAULTS: dict[str, object] = {"train": "4y", "test": "1y", "mode": "rolling", "embargo": 0}


def windows(config: Mapping[str, Any], times: Times) -> tuple[Window, ...]:
    """train_1, test_1, train_2, ...; the last test may be shorter, down to half."""
    one_of("split.mode", config["mode"], ("rolling", "anchored"))
    train = Length.parse("split.train", config["train"])
    test = Length.parse("split.test", config["test"])
    embargo = Length.parse("split.embargo", config["embargo"], least=0)
    if bool(train.unit) != bool(test.unit):
        raise ValueError(
            f"split.test: {test} and split.train, {train}, are to be both bars or both calendar "
            "time; change one of them"
        )
    anchored = config["mode"] == "anchored"
    folds: list[Window] = []
    for fold in count(1):
        stop = _edge(times, train, test, fold - 1)
        start = later(times, stop, embargo)
        end = later(times, _edge(times, train, test, fold), embargo)
        if end >= len(times) and not _half(times, start, test):
            break
        first = 0 if anchored else _edge(times, Length(0, train.unit), test, fold - 1)
        folds.append(Window(f"train_{fold}", first, stop))
        folds.append(Window(f"test_{fold}", start, min(end, len(times))))
        if end >= len(times):
            break
    if not folds:
        raise DoesNotFit(
            f"split: train {train}, embargo {embargo} and half of test {test} are longer than the "
            f"{len(times):,} bars before the holdout ({str(times[0])[:10]} to "
            f"{str(times[-1])[:10]}); shorten them or load more bars"
        )
    return tuple(folds)


def _edge(times: Times, train: Length, test: Length, tests: int) -> int:
    """The bar that is a train and so many tests after the first bar, all counted from there."""
    if not test.unit:
        return train.number + test.number * tests
    moment = train.after(times[0]) if train.number else times[0]
    return first_from(times, (test * tests).after(moment)) if tests else first_from(times, moment)


def _half(times: Times, start: int, test: Length) -> bool:
    """True when the bars from `start` on are at least half a test."""
    if start >= len(times):
        return False
    if not test.unit:
        return 2 * (len(times) - start) >= test.number
    whole = test.after(times[start]) - times[start]
    return bool(2 * (times[-1] - times[start]) >= whole)
