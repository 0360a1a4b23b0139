"""Two runs side by side: what differs in their configurations, and what came of it."""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from store.query.results import Results
from store.records.experiment import Experiment
from store.records.group import by_first_run
from store.records.run_numbering import Layout
from store.runs.columns import SETTINGS
from store.runs.swept_words import words_of

UPLIFT = {"sharpe": "sharpe", "return": "total_return", "drawdown": "max_drawdown"}
"""What the uplift is told in, and the metric of each."""

CONTEXT = ("symbol", "timeframe", "window", "start", "end")
"""What both runs have to share for their metrics to tell their configurations apart."""


def compare(results: Results, a: str, b: str) -> dict[str, Any]:
    """Differences of run B from run A.

    Args:
        results: the store.
        a: a run, or an experiment, which stands for its best run.
        b: the same.

    Returns:
        `a` and `b`, the runs as `Results.show` gives them; `params` and `settings`, each with
        `only_a`, `only_b`, and `different`: per name `a`, `b` and, of numbers, `delta`; `context`,
        the same of symbol, window and the like; `metrics`: `a`, `b` and `delta` of each;
        `uplift`: the deltas of Sharpe ratio, total return and maximum drawdown, of which the
        last is better when negative. A delta is B less A; NaN where one has no value.
    """
    first, second = _run(results, a), _run(results, b)
    metrics = {
        name: {
            "a": value,
            "b": second["metrics"][name],
            "delta": _delta(value, second["metrics"][name]),
        }
        for name, value in first["metrics"].items()
        if name in second["metrics"]
    }
    return {
        "a": first,
        "b": second,
        "context": _differences(*({n: run[n] for n in CONTEXT} for run in (first, second))),
        "params": _differences(first["params"], second["params"]),
        "settings": _differences(first["settings"], second["settings"]),
        "metrics": metrics,
        "uplift": {name: metrics[metric]["delta"] for name, metric in UPLIFT.items()},
    }


def _run(results: Results, ref: str) -> dict[str, Any]:
    """The run that a REF names, its settings being all that are known, swept or not."""
    reference = results.resolve(ref)
    if reference.run is None:
        reference = results.resolve(f"{reference.experiment.id}/best")
    run = results.show(str(reference))
    swept = results.run(str(reference))["settings"]
    own = {name: run[name] for name in ("strategy", "direction")}
    return run | {"settings": own | _shared(reference.experiment, run["run"]) | swept}


def _shared(experiment: Experiment, run: int) -> dict[str, object]:
    """Settings that all runs of the run's group have."""
    groups = by_first_run(experiment.groups)
    group = groups[int(Layout.of(groups).group(np.array([run]))[0])]
    numbers = {
        name: value
        for name, value in group.fixed.items()
        if name.startswith(SETTINGS) and value is not None
    }
    return {**words_of(group), **group.settings, **numbers}


def _differences(a: Mapping[str, object], b: Mapping[str, object]) -> dict[str, object]:
    return {
        "only_a": {name: value for name, value in a.items() if name not in b},
        "only_b": {name: value for name, value in b.items() if name not in a},
        "different": {
            name: _pair(value, b[name])
            for name, value in a.items()
            if name in b and not _equal(value, b[name])
        },
    }


def _pair(a: object, b: object) -> dict[str, object]:
    delta = _delta(a, b)
    return {"a": a, "b": b} | ({} if math.isnan(delta) else {"delta": delta})


def _delta(a: object, b: Any) -> float:
    """B less A; NaN unless both are numbers."""
    numbers = [isinstance(value, int | float) and not isinstance(value, bool) for value in (a, b)]
    return b - a if all(numbers) else math.nan


def _equal(a: object, b: object) -> bool:
    """True when two settings are the same; NaN is `off`, and equals itself."""
    return bool(a == b) or (a != a and b != b)
