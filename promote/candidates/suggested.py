"""Why the gate judges another configuration than the one that the sweep suggested.

Both take the middle of the best plateau. The gate compares Sharpe ratios, whatever the sweep
searched for, and leaves out what a preset would refuse for its trades or its drawdown.
"""

from collections.abc import Sequence

from promote.candidates.judged_sample import Sample
from promote.candidates.selection import Needs
from store.analysis.suggestion import suggestion_of
from store.records.experiment import Experiment, objective
from store.records.symbols import has_many
from store.runs.reader import Shelf


def passed_over(
    shelf: Shelf, experiment: Experiment, samples: Sequence[Sample], selected: str, needs: Needs
) -> str:
    """One sentence on the sweep's suggestion; empty when it is what was selected.

    Args:
        shelf: of the store.
        experiment: that the gate was asked about.
        samples: its candidates.
        selected: the run that the gate selected, `exp-.../42`.
        needs: what a configuration has to show to be selected.
    """
    suggestion = suggestion_of(shelf, experiment)
    if suggestion is None or suggestion.ref == selected:
        return ""
    reason = _reason(experiment, samples, int(suggestion.ref.rpartition("/")[2]), needs)
    return f"The sweep suggested {suggestion.ref}; it is not judged here: {reason}."


def _reason(experiment: Experiment, samples: Sequence[Sample], run: int, needs: Needs) -> str:
    for sample in samples:
        place = sample.candidates.place(experiment.id, run)
        if place is None:
            continue
        trades = sample.metric("trades")[place]
        if not trades >= needs.min_trades:
            return f"it has {trades:g} trades, the gate asks for {needs.min_trades:g}"
        depth = sample.metric("max_drawdown")[place] / sample.metric("volatility")[place]
        if not depth <= needs.drawdown_ratio:
            return (
                f"its drawdown is {depth:.2f} of its volatility, the gate stands "
                f"{needs.drawdown_ratio:g}"
            )
    metric, _ = objective(experiment)
    if has_many(experiment):
        return "it is the best over all symbols together, the gate judges one symbol at a time"
    if metric != "sharpe":
        return f"the sweep compared {metric}, the gate compares Sharpe ratios"
    return (
        "the gate leaves out configurations with too few trades or too deep a drawdown, and "
        "without them another plateau is the best"
    )
