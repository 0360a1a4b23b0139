"""Which windows of the bars are backtested; this folder is the registry: one file per split.

A file `NAME.py` has `DEFAULTS`, its keys of the config group `split`, and `windows(config, times)`.
A split only ever sees the bars before the holdout. Windows whose role begins with `test` are
backtested and reported; no search, ranking or pruning looks at them.
"""

import difflib
import importlib
import pkgutil
from collections.abc import Mapping
from typing import Any, Protocol, cast

from sweeper.config.durations import Times
from sweeper.config.error_text import DoesNotFit
from sweeper.config.window import Window

LEAST_BARS = 2
"""Of a window: with one bar there is no return, hence no Sharpe ratio."""


class Split(Protocol):
    """Functions that every file of this folder offers."""

    DEFAULTS: Mapping[str, Any]

    def windows(self, config: Mapping[str, Any], times: Times) -> tuple[Window, ...]:
        """The windows, train before test, folds in their order.

        Args:
            config: a value for each key of DEFAULTS.
            times: (n_bars,) of the bars before the holdout.

        Raises:
            ValueError: one line, when keys contradict each other or do not fit these bars.
        """


def names() -> tuple[str, ...]:
    """The splits there are, in alphabetical order."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(kind: object) -> Split:
    """The split of a name; ValueError when there is none."""
    if kind not in names():
        near = difflib.get_close_matches(str(kind), names(), n=1, cutoff=0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise ValueError(f"split.kind: no split {kind!r}; there are {', '.join(names())}{hint}")
    return cast(Split, importlib.import_module(f"{__name__}.{kind}"))


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """The config group `split` with every key of its kind; those left out take their defaults.

    Raises:
        ValueError: an unknown split or key.
    """
    given = {str(key): value for key, value in config.items()}
    kind = given.pop("kind", None)
    defaults = load(kind).DEFAULTS
    for key in given:
        if key not in defaults:
            near = difflib.get_close_matches(key, defaults, n=1)
            known = ", ".join(defaults) or "none but kind"
            hint = f"did you mean {near[0]}?" if near else f"it has {known}"
            raise ValueError(f"split.{key}: {kind} has no such key; {hint}")
    return {"kind": kind, **defaults, **given}


def split_windows(config: Mapping[str, Any], times: Times) -> tuple[Window, ...]:
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
    found = load(chosen["kind"]).windows(chosen, times)
    for window in found:
        if window.stop - window.start < LEAST_BARS:
            raise DoesNotFit(
                f"split: window {window.role} needs at least {LEAST_BARS} bars, got "
                f"{max(0, window.stop - window.start)}; widen it, lower holdout or load more bars"
            )
    return found
