"""The verb `check`: would the gate promote it, and why."""

import typer

from promote.cli.options import (
    AllowDirty,
    Baseline,
    Benchmark,
    Gate,
    MaxDrawdown,
    MinSharpe,
    MinTrades,
    Permutations,
    Ref,
    SelectBy,
    Set,
    preset_of,
)
from store.cli.options import RESULTS, Json, Root, answer


def check(
    ref: Ref = "latest",
    gate: Gate = "standard",
    set_: Set = None,
    min_sharpe: MinSharpe = None,
    max_drawdown: MaxDrawdown = None,
    min_trades: MinTrades = None,
    select_by: SelectBy = "plateau",
    benchmark: Benchmark = "cash",
    baseline: Baseline = None,
    allow_dirty: AllowDirty = False,
    permutations: Permutations = 0,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Judge a run; exit 3 when it may not be promoted. A look at the holdout is recorded."""
    from promote.cli.judgement_page import judgement_page
    from promote.gate.evidence.options import Question
    from promote.gate.judge import judge
    from store.registry import open_registry

    named = {"min_sharpe": min_sharpe, "max_drawdown": max_drawdown, "min_trades": min_trades}
    preset = preset_of(gate, set_, named)
    question = Question(select_by, benchmark, baseline, allow_dirty, permutations)
    judgement = judge(root, ref, preset, question, open_registry(root))
    answer(judgement.to_dict(), json, lambda: judgement_page(judgement))
    raise typer.Exit(0 if judgement.passed else 3)
