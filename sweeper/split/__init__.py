"""Which windows of the bars are backtested; this folder is the registry: one file per split.

A file `NAME.py` has `DEFAULTS`, its keys of the config group `split`, and `windows(config, times)`.
A split only ever sees the bars before the holdout. Windows whose role begins with `test` are
backtested and reported; no search, ranking or pruning looks at them.
"""

from collections.abc import Mapping
from typing import Protocol, cast

from store.files.plug_ins import PlugInFolder, did_you_mean
from sweeper.config.durations import Times
from sweeper.config.error_text import DoesNotFit
from sweeper.config.window import Window

LEAST_BARS = 2
"""Of a window: with one bar there is no return, hence no Sharpe ratio."""


class Split(Protocol):
    """Functions that every file of this folder offers."""

    DEFAULTS: Mapping[str, object]

    def windows(self, config: Mapping[str, object], times: Times) -> tuple[Window, ...]:
        """The windows, train before test, folds in their order.

        Args:
            config: a value for each key of DEFAULTS.
            times: (n_bars,) of the bars before the holdout.

        Raises:
            ValueError: one line, when keys contradict each other or do not fit these bars.
        """


FOLDER = PlugInFolder(__name__, "split", "split.kind", ("DEFAULTS", "windows"))


def names() -> tuple[str, ...]:
    """The splits there are, in alphabetical order."""
    return FOLDER.names()


def load(kind: object) -> Split:
    """The split of a name; ValueError when there is none."""
    return cast(Split, FOLDER.load(kind))


def settings(config: Mapping[str, object]) -> dict[str, object]:
    """The config group `split` with every key of its kind; those left out take their defaults.

    Raises:
        ValueError: an unknown split or key.
    """
    given = {str(key): value for key, value in config.items()}
    kind = given.pop("kind", None)
    defaults = load(kind).DEFAULTS
    for key in given:
        if key not in defaults:
            has = f"it has {', '.join(defaults) or 'none but kind'}"
            hint = did_you_mean(key, defaults, has, most=1, cutoff=0.6)
            raise ValueError(f"split.{key}: {kind} has no such key; {hint}")
    return {"kind": kind, **defaults, **given}


def split_windows(config: Mapping[str, object], times: Times) -> tuple[Window, ...]:
    """The windows that the config group `split` asks for.

    Args:
        config: `kind` and some of its keys.
        times: (n_bars,) of the bars before the holdout.

    Raises:
        ValueError: an unknown split or key.
        DoesNotFit: the windows do not fit these bars.
    """
    chosen = settings(config)
    if not len(times):
        raise DoesNotFit("split: the holdout leaves no bars; lower holdout or load more bars")
    windows = load(chosen["kind"]).windows(chosen, times)
    for window in windows:
        if window.stop - window.start < LEAST_BARS:
            raise DoesNotFit(
                f"split: window {window.role} needs at least {LEAST_BARS} bars, got "
                f"{max(0, window.stop - window.start)}; widen it, lower holdout or load more bars"
            )
    return windows
