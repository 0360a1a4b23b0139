"""The verb `strategies`: what can be swept by name."""

from typing import Annotated, Any

import typer
from rich.text import Text

from store.cli.options import RESULTS, Json, Root, answer


def strategies(
    name: Annotated[str | None, typer.Argument(help="Only this one, with its whole text.")] = None,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Strategies by name: parameters with types, bounds and defaults, and the default space."""
    from store.query import strategies as query

    if name is None:
        every = query.strategies()
        answer(every, json, lambda: Text("\n\n".join(map(_short, every))))
        return
    described = query.strategy(name)
    answer(described, json, lambda: Text(f"{described['docs']}\n\n{_short(described)}"))


def _short(described: dict[str, Any]) -> str:
    """A line of what it is, and one for each parameter."""
    lines = [f"{described['name']}: {described['summary']}"]
    for field, param in described["params"].items():
        low = "" if param["low"] is None else f", {param['low']:g} or more"
        high = "" if param["high"] is None else f", {param['high']:g} or less"
        space = f"; swept {described['space'][field]}" if field in described["space"] else ""
        lines.append(f"  {field} {param['type']} {param['default']:g}{low}{high}{space}")
    return "\n".join(lines)
