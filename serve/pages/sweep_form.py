"""Form of a sweep, made of what a strategy takes; its fields as overrides."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from store.commands import literal

DATA = ("nasdaq", "sp500", "stored", "synthetic")
SPLITS = ("full", "train_test", "walk_forward", "cpcv")
SEARCHES = ("grid", "random", "refine", "bayes")
SIDES = ("long", "short", "both")
COUNTED = ("random", "bayes")
"""Searches that take a number of points."""
TEXTS = ("name", "hypothesis")


class Field(NamedTuple):
    """A parameter of the form.

    Attributes:
        name: of the parameter.
        values: that are tried, in the override grammar.
        kind: int or float.
        default: of the strategy.
        bounds: in words; empty where it has none.
    """

    name: str
    values: str
    kind: str
    default: float
    bounds: str


def fields_of(strategy: Mapping[str, Any], given: Mapping[str, str]) -> list[Field]:
    """Parameters with the values that were given, else those of the strategy's default space.

    Args:
        strategy: of `store.query.strategies.strategy`.
        given: query of the page; a parameter goes by `params.` and its name.
    """
    rows = []
    for name, param in strategy["params"].items():
        usual = strategy["space"].get(name, param["default"])
        values = given.get(f"params.{name}", _text(usual))
        bounds = _bounds(param["low"], param["high"])
        rows.append(Field(name, values, param["type"], param["default"], bounds))
    return rows


def words_of(strategy: Mapping[str, Any], given: Mapping[str, str]) -> list[str]:
    """Overrides of a filled form; what is left as it was is left out.

    Args:
        strategy: the same.
        given: query of the page.
    """
    words = [f"strategy={strategy['name']}"]
    for name in strategy["params"]:
        if values := given.get(f"params.{name}", "").strip():
            words.append(f"params.{name}={values}")
    for group, usual in (("data", "nasdaq"), ("split", "full"), ("search", "grid")):
        if (chosen := given.get(group, "").strip()) not in ("", usual):
            words.append(f"{group}={chosen}")
    if (symbols := given.get("symbols", "").strip()) and given.get("data") == "stored":
        words.append(f"data.symbols=[{symbols}]")
    if (points := given.get("n", "").strip()) and given.get("search") in COUNTED:
        words.append(f"search.n={points}")
    if (side := given.get("direction", "").strip()) and side != strategy["direction"]:
        words.append(f"strategy.direction={side}")
    words += [f"{name}={literal(text)}" for name in TEXTS if (text := given.get(name, "").strip())]
    return words


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def _bounds(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return ""
    if high is None:
        return f"from {low:g}"
    return f"to {high:g}" if low is None else f"{low:g} to {high:g}"
