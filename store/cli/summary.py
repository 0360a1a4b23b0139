"""The verb `summary`: an experiment in numbers."""

from store.cli.options import RESULTS, Experiment, Json, Root, answer, open_results


def summary(ref: Experiment = "latest", root: Root = RESULTS, json: Json = False) -> None:
    """An experiment in numbers: counts, distributions, best run, baseline, what to use next."""
    from store.terminal.leaderboard import suggestion_lines
    from store.terminal.tables import summary_tables

    results = open_results(root)
    totals = results.summary(ref)
    record = results.resolve(ref).experiment
    lines = suggestion_lines(totals["suggestion"])
    if note := results.required(ref):
        lines = [note, *lines]
    answer(totals, json, lambda: summary_tables(totals, record, results.root), lines)
