"""Verdict on the best of many, and on the Pareto front, in a sentence or two."""

from store.analysis.pareto import ENDS
from store.luck.sentences import LIKELY
from store.report.number_format import count_text, metric_label, metric_text
from store.report.view_model import ReportView, TradeOff


def verdict(view: ReportView) -> tuple[str, str]:
    """Sentences on what the numbers do and do not say."""
    best = next((entry for entry in view.entries if entry.role is None), None)
    if best is None:
        return "No run succeeded.", "There is nothing to compare."
    if view.configurations <= 1:
        shown = metric_text("sharpe", best.metrics["sharpe"])
        text = f"Its Sharpe ratio is {shown} on bars that were already known when it was chosen."
        return "One configuration is one observation.", f"{text} {view.luck_text}".strip()
    explained = view.luck is not None and (view.luck.chance or 0.0) >= LIKELY
    tried = f"{count_text(view.configurations)} configurations"
    if explained:
        return "Luck explains this result.", view.luck_text
    return f"The best of {tried} is not a discovery.", view.luck_text


def front_text(trade_off: TradeOff) -> str:
    """Sentence on the Pareto front: its size, its metrics and their ranges."""
    goals = " and ".join(f"{ENDS[mode]} {metric_label(name)}" for name, mode in trade_off.goals)
    if trade_off.size == 1:
        return f"One configuration is best in all that was searched for: {goals}."
    ends = [
        ", ".join(
            f"{metric_label(n)} {metric_text(n, entry.metrics[n])}" for n, _ in trade_off.goals
        )
        for entry in (trade_off.front[0], trade_off.front[-1])
    ]
    return (
        f"{count_text(trade_off.size)} configurations are beaten by none in {goals}, from "
        f"{ends[0]} to {ends[1]}: to gain in one is to lose in another."
    )
