"""Analysis of an experiment's windows beyond each run's own numbers."""

from typing import Any

from store.analysis.cpcv_choices import blocks_of, cross_validate, run_sharpes, scheme
from store.analysis.walk_forward_choices import walk_forward
from store.files.arrow_types import Dataset
from store.records.comparable_groups import pools
from store.records.experiment import Experiment, objective
from store.runs.columns import metrics_of


def analyse(runs: Dataset, experiment: Experiment) -> dict[str, object]:
    """Analysis of an experiment's windows for `store show ID`, as JSON types.

    Args:
        runs: dataset of the experiment.
        experiment: its record.

    Returns:
        `walk_forward` (see `store.analysis.walk_forward_choices`) and `cpcv` (see
        `store.analysis.cpcv_choices`), each a list with a dict per pool, where the experiment has
        such windows; nothing without runs.
    """
    if objective(experiment)[0] not in metrics_of(runs.schema):
        return {}
    analyses: dict[str, Any] = {}
    for pool in pools(experiment):
        if pool.folds():
            analyses.setdefault("walk_forward", []).append(walk_forward(runs, experiment, pool))
        plan = scheme(pool, blocks_of(runs))
        if plan is not None:
            analyses.setdefault("cpcv", []).append(cross_validate(runs, pool, plan))
    return analyses


def analyse_run(runs: Dataset, experiment: Experiment, number: int) -> dict[str, object]:
    """Analysis of one run for `store show ID/run`: `cpcv`, where its window is cross-validated."""
    for pool in pools(experiment):
        plan = scheme(pool, blocks_of(runs))
        if plan is not None and pool.holds_run(number):
            return {"cpcv": run_sharpes(runs, pool, plan, number)}
    return {}
