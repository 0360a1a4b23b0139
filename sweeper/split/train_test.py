"""Two windows: `train`, which the search looks at, and after it `test`, which it does not."""

from collections.abc import Mapping

from sweeper.config.durations import Length, Times, later, start_bar, stop_bar
from sweeper.config.error_text import DoesNotFit
from sweeper.config.window import Window

DEFAULTS: dict[str, object] = {
    "train_start": None,
    "train_end": 0.7,
    "test_start": None,
    "test_end": None,
    "embargo": 0,
}


def windows(config: Mapping[str, object], times: Times) -> tuple[Window, ...]:
    """Train and test, each edge a date (included) or a fraction of the bars."""
    if config["train_end"] is None:
        raise ValueError("split.train_end: need a date or a fraction of the bars, got null")
    train = _range("train", config, times, 0)
    embargo = Length.parse("split.embargo", config["embargo"], least=0)
    earliest = later(times, train.stop, embargo)
    test = _range("test", config, times, earliest)
    if test.start < train.stop:
        raise ValueError(
            f"split.test_start: {config['test_start']} is not after the end of train, "
            f"{config['train_end']}; test must begin after train has ended"
        )
    if test.start < earliest:
        raise DoesNotFit(
            f"split.embargo: {embargo} are asked for, but only {test.start - train.stop} bars lie "
            "between train_end and test_start; leave test_start null, or move it"
        )
    if test.start >= test.stop:
        raise DoesNotFit(
            f"split: test has no bars: train and an embargo of {embargo} take {test.start:,} of "
            f"{test.stop:,}; shorten them, or move test_end"
        )
    return train, test


def _range(role: str, config: Mapping[str, object], times: Times, default: int) -> Window:
    """One window; `default` is its first bar where the config names none."""
    first, last = config[f"{role}_start"], config[f"{role}_end"]
    start = default if first is None else start_bar(f"split.{role}_start", first, times)
    stop = len(times) if last is None else stop_bar(f"split.{role}_end", last, times)
    if first is not None and stop <= start:
        raise DoesNotFit(
            f"split.{role}_end: {'the last bar' if last is None else last} leaves no bar from "
            f"{role}_start, {first}, on; move one of them"
        )
    return Window(role, start, stop)
