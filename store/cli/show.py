"""The verb `show`: all of one experiment or run."""

from collections.abc import Callable

from rich.console import RenderableType

from store.cli.options import RESULTS, Json, Ref, Root, answer, open_results


def show(
    ref: Ref,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """All that is known of an experiment or of one run."""
    from store.terminal.leaderboard import suggestion_lines
    from store.terminal.tables import experiment_page, run_page

    results = open_results(root)
    resolved = results.resolve(ref)
    shown = results.show(str(resolved))
    page: Callable[[], RenderableType] = (
        (lambda: experiment_page(resolved.experiment, shown, root))
        if resolved.run is None
        else (lambda: run_page(shown))
    )
    answer(shown, json, page, suggestion_lines(shown.get("suggestion")))
