"""What the best of many is worth, in a heading and a sentence or two."""

from store.report.numbers import count_text, metric_text
from store.report.view import ReportView


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
