"""The symbols of an experiment, and how many are too many to name."""

from collections.abc import Iterable

from store.records.experiment import Experiment

MANY = 3
"""Symbols from which on an experiment is one answer over all of them."""

NAMED = 5
"""Symbols that are named; of more the number is said."""


def symbols_of(experiment: Experiment) -> list[str]:
    """The distinct symbols of an experiment, in the order of its groups."""
    return list(dict.fromkeys(group.symbol for group in experiment.groups))


def has_many(experiment: Experiment) -> bool:
    """True when configurations are compared over symbols: there are three or more."""
    return len(symbols_of(experiment)) >= MANY


def symbols_text(symbols: Iterable[str]) -> str:
    """Symbols as a sentence names them: `A, B`, or `50 symbols`."""
    names = list(dict.fromkeys(symbols))
    return ", ".join(names) if len(names) <= NAMED else f"{len(names):,} symbols"
