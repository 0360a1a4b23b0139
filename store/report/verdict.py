"""What the best of many is worth, and what none beats, in a sentence or two."""

from store.pareto import ENDS
from store.report.numbers import count_text, metric_label, metric_text
from store.report.view import ReportView, TradeOff


def verdict(view: ReportView) -> tuple[str, str]:
    """What the numbers do and do not say."""
    best = next((entry for entry in view.entries if entry.role is None), None)
    if best is None:
        return "No run succeeded.", "There is nothing to compare."
    shown = metric_text("sharpe", best.metrics["sharpe"])
    tried = f"{count_text(view.configurations)} configurations"
    if view.configurations <= 1:
        told = f"Its Sharpe ratio is {shown} on bars that were already known when it was chosen."
        if view.ever > 1 and view.noise_sharpe is not None:
            told += (
                f" {count_text(view.ever)} were ever tried on this data: without any skill the "
                f"best of so many is expected to show {metric_text('sharpe', view.noise_sharpe)}."
            )
        return "One configuration is one observation.", told
    if view.noise_sharpe is None:
        return (
            f"The best of {tried} is not a discovery.",
            f"Its Sharpe ratio is {shown}; how much of that is luck was not computed.",
        )
    noise = metric_text("sharpe", view.noise_sharpe)
    unskilled = "as many without any skill"
    if view.ever > view.configurations:
        ever = f"{count_text(view.ever)} ever tried on this data"
        unskilled = f"the {ever}, were they all without skill,"
    if best.metrics["sharpe"] > view.noise_sharpe:
        return (
            f"The best of {tried} is not a discovery.",
            f"It shows a Sharpe ratio of {shown}. Luck alone is expected to lift the best of "
            f"{unskilled} to {noise} on this history; to stand above that is where the questions "
            f"begin.",
        )
    return (
        "Luck explains this result.",
        f"The best of {tried} shows a Sharpe ratio of {shown}. The best of {unskilled} is expected "
        f"to show {noise} on this history. It is not a discovery.",
    )


def front_text(found: TradeOff) -> str:
    """How many none beats, in what, and from where to where they reach."""
    goals = " and ".join(f"{ENDS[mode]} {metric_label(name)}" for name, mode in found.goals)
    if found.size == 1:
        return f"One configuration is best in all that was searched for: {goals}."
    ends = [
        ", ".join(f"{metric_label(n)} {metric_text(n, one.metrics[n])}" for n, _ in found.goals)
        for one in (found.front[0], found.front[-1])
    ]
    return (
        f"{count_text(found.size)} configurations are beaten by none in {goals}, from {ends[0]} "
        f"to {ends[1]}: to gain in one is to lose in another."
    )
