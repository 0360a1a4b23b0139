"""Constraints on the points of a space: the user's, and those of sense."""

from collections.abc import Collection
from dataclasses import dataclass

from kernels.panel_strategies.sleeves import EXACT
from store.runs.condition import MOST_CHARACTERS, Bools, Condition, short

__all__ = ["MOST_CHARACTERS", "Bools", "Constraint", "Sense", "senses", "short"]

Constraint = Condition
SHARES = "params.shares."


@dataclass(frozen=True)
class Sense:
    """A rule without which a combination of settings has no meaning.

    Attributes:
        rule: what makes sense.
        key: of the config, to be changed where none does.
        needs: what that key asks for.
    """

    rule: Constraint
    key: str
    needs: str


def senses(
    direction: str, names: Collection[str] = (), *, by_risk: bool = False
) -> tuple[Sense, ...]:
    """The rules for strategies that take some side: long, short or both.

    `names` are the numbers of a configuration by config path.
    """
    sized = Sense(
        Constraint(
            "risk.risk_fraction == null or risk.stop_loss != null or risk.trailing_stop != null"
        ),
        "risk.risk_fraction",
        "needs a risk.stop_loss to size by",
    )
    bounded = Sense(
        Constraint("risk.take_profit < 1"),
        "risk.take_profit",
        "must be below 1 where only shorts are held: a price falls by less than all of it",
    )
    rules: tuple[Sense, ...] = (sized, bounded) if direction == "short" else (sized,)
    if by_risk:
        stop = Constraint("risk.stop_loss != null or risk.trailing_stop != null")
        rules += (Sense(stop, "size.kind", "risk needs a risk.stop_loss to size by"),)
    if {"risk.pyramiding", "risk.add_at"} <= set(names):
        both = "(risk.pyramiding == null and risk.add_at == null) or "
        both += "(risk.pyramiding != null and risk.add_at != null)"
        rules += (Sense(Constraint(both), "risk.pyramiding", "needs a risk.add_at, and that it"),)
    shares = [name.removeprefix("params.") for name in names if name.startswith(SHARES)]
    if len(shares) > 1:
        whole = f"{1 - EXACT!r} <= {' + '.join(shares)} <= {1 + EXACT!r}"
        rules += (Sense(Constraint(whole), "params.shares", "must add to 1"),)
    return rules
