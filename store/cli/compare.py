"""The verb `compare`: two runs side by side."""

from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer, open_results

Run = Annotated[str, typer.Argument(help="A run, or an experiment: its best run.")]


def compare(a: Run, b: Run, root: Root = RESULTS, json: Json = False) -> None:
    """Differences of run B from run A: params, settings, metrics and uplift."""
    from store.query import compare as two
    from store.terminal.compare import compare_page

    compared = two.compare(open_results(root), a, b)
    answer(compared, json, lambda: compare_page(compared))
