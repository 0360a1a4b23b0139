"""A walk-forward traded: each test window with what was best on its train window, in one account.

The choices are backtested again, each on its own test window, flat at its start; an account goes
on with what the window before left. Between windows without a choice it is flat.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from kernels import METRICS
from kernels.jit.array_types import Floats
from store.records.experiment import Experiment
from store.records.run_row import RunRow
from store.replay.buy_and_hold import hold_settings, hold_trace
from store.replay.configuration import settings_of
from store.replay.replay import group_of, load_bars, trace_again

Span = tuple[int, int]


@dataclass(frozen=True, eq=False)
class OutOfSample:
    """Growth over n bars, from the first bar of the first test window to the last of the last.

    Attributes:
        times: (n,) at which the bars begin.
        growth: (n,) at each close, of 1 before the first bar.
        starts: (f,) places in it at which the test windows begin, ascending.
        held: (n,) growth of buying at the first bar and holding, with the costs of the runs.
        held_metrics: of that, by name.
    """

    times: pd.DatetimeIndex
    growth: Floats
    starts: tuple[int, ...]
    held: Floats
    held_metrics: dict[str, float]


def out_of_sample(
    experiment: Experiment, tested: Sequence[RunRow], spans: Sequence[Span]
) -> OutOfSample:
    """Trade the choices of a walk-forward again.

    Args:
        experiment: its record.
        tested: (f,) the chosen runs, each on its test window.
        spans: (f,) bars [start, stop) of these windows, ascending.

    Raises:
        ValueError: the bars are others now, or a run does not repeat.
    """
    group = group_of(experiment, tested[0]["run"])
    data = load_bars(experiment, group)
    series = data.series()
    pieces = []
    for run, span in zip(tested, spans, strict=True):
        capital = group_of(experiment, run["run"]).number("initial_capital")
        pieces.append(trace_again(experiment, series, run, span).equity / capital)
    whole = spans[0][0], spans[-1][1]
    settings = hold_settings(settings_of(group, tested[0]))
    held = hold_trace(series, settings, whole)
    return OutOfSample(
        times=pd.DatetimeIndex(data.frame.index)[slice(*whole)],
        growth=chained(pieces, spans),
        starts=tuple(start - whole[0] for start, _ in spans),
        held=held.equity / settings.initial_capital,
        held_metrics=dict(zip(METRICS, held.metrics.tolist(), strict=True)),
    )


def chained(pieces: Sequence[Floats], spans: Sequence[Span]) -> Floats:
    """Growth of 1 over windows, each on what the one before left; flat between them.

    Args:
        pieces: (f,) growth of 1 within each window.
        spans: (f,) bars [start, stop) of each, ascending.
    """
    first = spans[0][0]
    growth = np.ones(spans[-1][1] - first)
    for piece, (start, stop) in zip(pieces, spans, strict=True):
        before = growth[start - first - 1] if start > first else 1.0
        growth[start - first : stop - first] = before * piece
        growth[stop - first :] = before * piece[-1]
    return growth


def deepest_fall(growth: Floats) -> float:
    """Largest fall of (n,) growth of 1 from a peak, the beginning included, / that peak."""
    path = np.append(1.0, growth)
    return float(np.max(1.0 - path / np.maximum.accumulate(path)))
