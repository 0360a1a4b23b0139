"""The luck line in words: every page that speaks of luck takes its sentences from here."""

import math

from store.commands import store_line
from store.files.backend import Root
from store.luck.record import Luck
from store.records.experiment import Experiment, configurations, objective

LIKELY = 0.1
"""Chance of luck from which on luck explains the best."""


def line(luck: Luck) -> str:
    """The luck line with its spread: the beginning of a sentence, without a full stop."""
    who = f"the best of these {luck.configurations:,}"
    if luck.stand_in:
        who = f"the best of {luck.configurations:,} {luck.stand_in}"
    elif luck.configurations == 1:
        who = "this one configuration"
    return (
        f"On bars without skill {who} shows a Sharpe ratio of {number(luck.mean)} "
        f"(9 in 10 below {number(luck.q90)})"
    )


def measured(luck: Luck) -> str:
    """On what the luck line was measured, and how exact it is: a sentence."""
    low, high = luck.interval
    text = (
        f"Measured on {luck.histories:,} redrawn histories; within three standard errors "
        f"{number(low)} to {number(high)}"
    )
    if luck.sample < luck.configurations:
        return (
            f"{text}: {luck.small:,} configurations on each, {luck.sample:,} on {luck.closer:,}, "
            f"carried on from there in the logarithm of their number (+{number(luck.carried)})."
        )
    if luck.small < luck.sample:
        return f"{text}: {luck.small:,} configurations on each, all on {luck.closer:,}."
    return f"{text}."


def chance(luck: Luck, best: float) -> str:
    """Chance of luck in words: `9 %`, or `less than 1 in 200`."""
    share = luck.chance_of(best)
    if share * (1 + luck.histories) < 2:
        return f"less than 1 in {luck.histories:,}"
    return f"{100 * share:.1f} %" if share < 0.1 else f"{100 * share:.0f} %"


def paragraph(experiment: Experiment, best: float, root: Root) -> str:
    """Worth of the best of an experiment before any test, in words.

    Args:
        experiment: its record.
        best: highest annual Sharpe ratio of its configurations; NaN when there is none.
        root: of the store.
    """
    luck = Luck.of(experiment)
    if luck is None:
        return not_measured(experiment, root)
    text = f"{line(luck)}."
    if not math.isnan(best):
        whose = "best" if objective(experiment)[0] == "sharpe" else "highest Sharpe ratio"
        text += f" The {whose} here, {number(best)}: chance of luck {chance(luck, best)}."
        if luck.configurations > 1:
            text += f" It is not a discovery: {because(luck, best)}."
    return " ".join(filter(None, (text, before(experiment))))


def because(luck: Luck, best: float) -> str:
    """Why the best of many is no discovery by itself."""
    explained = luck.chance_of(best) >= LIKELY
    return "luck explains it" if explained else "there the questions begin"


def not_measured(experiment: Experiment, root: Root) -> str:
    """That there is no luck line, and what measures it."""
    tried = configurations(experiment)
    who = "One configuration" if tried == 1 else f"The best of {tried:,} configurations"
    return (
        f"{who} is not a discovery: how much of it is luck was not measured; "
        f"`{store_line('luck', experiment.id, root=root)}` measures it."
    )


def before(experiment: Experiment) -> str:
    """Sentence on what else was tried on these bars; empty when nothing was."""
    history = experiment.history
    tried, own = history.tried or 0, configurations(experiment)
    again = max(0, own - history.new_of(own))
    others = tried - again
    if others <= 0:
        return ""
    about = "" if history.is_exact else "About "
    return f"{about}{others:,} more were tried on these bars before."


def number(value: float) -> str:
    """A Sharpe ratio with two decimals, no minus before a zero."""
    text = f"{value:.2f}"
    return text.removeprefix("-") if float(text) == 0 else text
