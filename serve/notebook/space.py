"""Values as Python has them, in the words of the command line."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from store.commands import literal

SHORT = {
    "stop_loss": "risk.stop_loss",
    "take_profit": "risk.take_profit",
    "trailing_stop": "risk.trailing_stop",
    "risk_fraction": "risk.risk_fraction",
    "commission": "costs.commission",
    "slippage": "costs.slippage",
    "direction": "strategy.direction",
    "constraint": "strategy.constraint",
}
"""Settings that go by their name alone in Python, and their keys."""
HEADS = ("strategy", "params", "risk", "costs", "size", "fill", "data", "split", "search", "ray")
"""First parts of keys that are taken as they are."""


def space_words(space: Mapping[str, object] | None) -> list[str]:
    """Overrides of the swept values.

    Args:
        space: values by the name of a parameter, `fast`, or by a whole key, `risk.stop_loss`; a
            `range`, a list or array, a number, or text of the override grammar such as
            `interval(0.1,0.5)`. None is the strategy's own space.

    Raises:
        ValueError: a value that is none of these, or no value.
    """
    return [f"{key_of(name)}={values_text(name, each)}" for name, each in (space or {}).items()]


def key_of(name: str) -> str:
    """The key of a parameter or setting."""
    if name in SHORT:
        return SHORT[name]
    return name if name.partition(".")[0] in HEADS and "." in name else f"params.{name}"


def values_text(name: str, values: object) -> str:
    """Values of one axis in the override grammar."""
    if isinstance(values, str):
        return values
    if isinstance(values, range):
        return f"range({values.start},{values.stop},{values.step})"
    if isinstance(values, Iterable) and not isinstance(values, Mapping):
        listed = [number_text(name, value) for value in values]
        if not listed:
            raise ValueError(f"{name}: has no value; give a range, a list or a number")
        return f"choice({listed[0]})" if len(listed) == 1 else ",".join(listed)
    return number_text(name, values)


def number_text(name: str, value: object) -> str:
    """One number, truth or None as the grammar reads it."""
    if value is None:
        return "null"
    if isinstance(value, bool | np.bool_):
        return str(bool(value)).lower()
    if isinstance(value, int | np.integer):
        return str(int(value))
    if isinstance(value, float | np.floating):
        return repr(float(value))
    raise ValueError(
        f"{name}: takes numbers, got {value!r}; give a range, a list, a number, or text such as "
        "interval(0.1,0.5)"
    )


def group_words(group: str, choice: str | int | Mapping[str, object] | None) -> list[str]:
    """Overrides of `split` or `search`.

    Args:
        group: which of the two.
        choice: a name, `walk_forward`; a number, of points drawn at random; or `kind` and keys of
            its own, `{"kind": "walk_forward", "train": "4y"}`. None leaves the default.
    """
    if choice is None:
        return []
    if isinstance(choice, str):
        return [f"{group}={choice}"]
    if isinstance(choice, int) and group == "search":
        return ["search=random", f"search.n={choice}"]
    if not isinstance(choice, Mapping) or "kind" not in choice:
        raise ValueError(f'{group}: give a name, or {{"kind": NAME, ...}}, got {choice!r}')
    keys = {name: value for name, value in choice.items() if name != "kind"}
    words = [f"{group}.{name}={literal(value)}" for name, value in keys.items()]
    return [f"{group}={choice['kind']}", *words]


def texts(**named: str | Sequence[str] | None) -> list[str]:
    """Overrides of texts and lists of texts; what is None or empty is left out."""
    given = {name: value for name, value in named.items() if value}
    return [
        f"{name}={literal(value if isinstance(value, str) else list(value))}"
        for name, value in given.items()
    ]
