"""Options that the verbs share, the store they open, how they print."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import RenderableType

from store.files.foreign_text import Screen, shown

if TYPE_CHECKING:
    from store.query.results import Results

Root = Annotated[Path, typer.Option("--root", envvar="SWEEPER_ROOT", help="Folder of the store.")]
Modules = Annotated[
    list[str] | None,
    typer.Option(
        "--module",
        help="A strategy's module that may be imported because a record names it; before the "
        "verb, once for each.",
    ),
]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help='Print JSON: fractions, not percent; NaN as null, infinity as "inf".'
    ),
]
Experiment = Annotated[str, typer.Argument(metavar="[REF]", help="An experiment.")]
Ref = Annotated[str, typer.Argument(metavar="REF", help="An experiment or a run.")]

RESULTS = Path("results")
"""The folder of the store, unless `--root` or SWEEPER_ROOT says another."""


def open_results(root: Path) -> "Results":
    """The store's results."""
    from store.query.results import Results

    return Results(root)


def answer(
    value: object, as_json: bool, page: Callable[[], RenderableType], lines: Iterable[str] = ()
) -> None:
    """Print `value` as JSON, or the page for a terminal and then lines that are to be copied."""
    if as_json:
        from store.runs.plain import to_json  # late: pyarrow

        typer.echo(to_json(value))
        return
    Screen().print(page())
    for line in lines:
        typer.echo(shown(line))


def answer_lines(value: object, as_json: bool, lines: Iterable[str]) -> None:
    """Print `value` as JSON, or lines that are to be copied, however narrow the terminal is."""
    if as_json:
        answer(value, as_json, str)
    else:
        typer.echo(shown("\n".join(lines)))
