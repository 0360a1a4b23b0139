"""Stored runs by market regime: the run is backtested again, its bars labelled."""

from store.analysis.regimes import by_regime, labels_of
from store.query.results import Results
from store.replay.replay import group_of, load_bars


def regimes_of(results: Results, ref: str, kind: str) -> list[dict[str, object]]:
    """Rows of `store.analysis.regimes.by_regime` of a run.

    Args:
        results: of the store.
        ref: a run, or an experiment for its best.
        kind: trend, volatility, or a column of the bars.

    Raises:
        StoreError: its bars are others now, or a metric does not repeat.
    """
    again = results.retrace(ref)
    experiment = results.resolve(ref).experiment
    group = group_of(experiment, again.run["run"])
    frame = load_bars(experiment, group).frame
    labels = labels_of(frame, kind).loc[again.equity.index]
    initial = group.number("initial_capital")
    return by_regime(again.equity, labels, initial, group.periods_per_year)
