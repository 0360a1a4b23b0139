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
    found = query.strategy(name)
    answer(found, json, lambda: Text(f"{found['docs']}\n\n{_short(found)}"))


def _short(found: dict[str, Any]) -> str:
    """A line of what it is, and one for each parameter."""
    lines = [f"{found['name']}: {found['summary']}"]
    for field, param in found["params"].items():
        low = "" if param["low"] is None else f", {param['low']:g} or more"
        high = "" if param["high"] is None else f", {param['high']:g} or less"
        space = f"; swept {found['space'][field]}" if field in found["space"] else ""
        lines.append(f"  {field} {param['type']} {param['default']:g}{low}{high}{space}")
    return "\n".join(lines)
