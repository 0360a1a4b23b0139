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
    if view.configurations <= 1 and view.ever <= 1:
        return (
            "One configuration is one observation.",
            f"Its Sharpe ratio is {shown} on bars that were already known when it was chosen.",
        )
    if view.noise_sharpe is None:
        return (
            f"The best of {tried} is not a discovery.",
            f"Its Sharpe ratio is {shown}; how much of that is luck was not computed.",
        )
    noise = metric_text("sharpe", view.noise_sharpe)
    as_many = "as many"
    if view.ever > view.configurations:
        as_many = f"the {count_text(view.ever)} ever tried on this data, were they all"
    if best.metrics["sharpe"] > view.noise_sharpe:
        return (
            f"The best of {tried} is not a discovery.",
            f"It shows a Sharpe ratio of {shown}. Luck alone is expected to lift the best of "
            f"{as_many} without skill to {noise} on this history; to stand above that is where "
            f"the questions begin.",
        )
    return (
        "Luck explains this result.",
        f"The best of {tried} shows a Sharpe ratio of {shown}. The best of {as_many} without any "
        f"skill is expected to show {noise} on this history. It is not a discovery.",
    )
