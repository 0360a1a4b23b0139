"""Share of a plan's configurations that the order engine takes, bar by bar."""

from collections.abc import Sequence

from kernels.orders.dispatch import orders_needed
from kernels.portfolio.settings import PanelSettings, with_numbers
from sweeper.plan.plan import Group

SAMPLE = 200
"""Points of a group that are looked at."""


def order_share(group: Group) -> float:
    """Share of a group's configurations in [0, 1], of its first points; 0 of a universe."""
    numbers = group.sample(SAMPLE)
    settings = with_numbers(group.settings, group.configured(numbers).own_settings)
    if isinstance(settings, PanelSettings) or not len(numbers):
        return 0.0
    detailed = group.series.detail is not None
    needed = orders_needed(
        group.cell.strategy, settings, settings.risk(len(numbers)), detailed=detailed
    )
    return float(needed.mean())


def engines_line(groups: Sequence[Group]) -> str:
    """Which engines a plan uses, in a line; empty where no configuration has orders."""
    shares = [order_share(group) for group in groups]
    if not any(shares):
        return ""
    if min(shares) == 1.0:
        return "Engine: every configuration bar by bar, for its orders, sizes or costs"
    runs = [group.runs for group in groups]
    share = sum(a * b for a, b in zip(shares, runs, strict=True)) / max(1, sum(runs))
    return (
        f"Engine: about {100 * share:.0f} % of the configurations bar by bar, for their orders, "
        "sizes or costs; the others from event to event"
    )
