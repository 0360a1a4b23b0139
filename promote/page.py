"""A judgement on the terminal: a table of checks, and a last line that says it all."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from promote.judgement import Judgement
from promote.verdict import Verdict, number
from store.leaderboard import params_text
from store.split_tables import day

STYLES = {"pass": "green", "WARN": "yellow", "FAIL": "bold red"}


def judgement_page(judgement: Judgement) -> RenderableType:
    """What was judged, every check with its reason, and whether it may be promoted."""
    lines = [Text(line) for line in _about(judgement.evidence)]
    return Group(*lines, _table(judgement), Text(summary(judgement)))


def summary(judgement: Judgement) -> str:
    """Whether it may be promoted, and how many configurations were counted."""
    decisive = [one for one in judgement.verdicts if not one.warning]
    failed = sum(one.blocks for one in decisive)
    warned = sum(one.word == "WARN" for one in judgement.verdicts)
    word = "Promotable" if judgement.passed else "Not promotable"
    told = f"{word}: {len(decisive) - failed} of {len(decisive)} checks passed"
    told += f", {warned} warned." if warned else "."
    return f"{told} {_counted(judgement.evidence)}{_changed(judgement)}"


def _table(judgement: Judgement) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        show_edge=False,
        pad_edge=False,
        collapse_padding=True,
        title=Text(f"gate {judgement.preset.name}"),
        title_justify="left",
    )
    for name in ("", "check"):
        table.add_column(name, no_wrap=True)
    for name in ("observed", "limit"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("")
    table.add_column("why", overflow="fold")
    for one in judgement.verdicts:
        table.add_row(*_row(one))
    return table


def _row(verdict: Verdict) -> Iterator[Text]:
    yield Text(verdict.word, style=STYLES[verdict.word])
    for text in (verdict.check, number(verdict.observed), number(verdict.limit), verdict.unit):
        yield Text(text)
    yield Text(verdict.reason)


def _about(evidence: Mapping[str, Any]) -> Iterator[str]:
    """Which run it is, how it was chosen, and on what it was judged."""
    run = evidence["run"]
    params = params_text({**run["params"], **run["settings"]})
    yield f"{run['ref']}: {run['strategy']} {run['direction']} {params} on {run['symbol']}"
    first, last = map(day, evidence["window"] or (None, None))
    way = evidence["selected_by"]
    yield (
        f"{'Named by its REF' if way is None else f'Selected by {way}'}; judged on {first} to "
        f"{last}, {evidence['bars']:,} bars, among {evidence['configurations']:,} configurations."
    )
    look = evidence["holdout"]
    if look is None:
        yield "The holdout was not looked at."
        return
    first, last = map(day, look["window"])
    yield (
        f"The holdout, {first} to {last}, was looked at: "
        f"{_times(look['looks'], 'time')} by now, for {_times(look['configurations'], 'configuration')}."
    )


def _counted(evidence: Mapping[str, Any]) -> str:
    if evidence["tried"] is None:
        return "How many configurations were tried is not known."
    told = f"{evidence['tried']:,} configurations were counted on these data"
    worth = evidence["independent"]
    return f"{told}." if worth is None else f"{told}, worth {worth:,.1f} independent ones."


def _changed(judgement: Judgement) -> str:
    """What was asked for instead of the preset's limits."""
    limits = [
        f"{name} {'off' if limit is None else number(limit)}"
        for name, limit in judgement.preset.changed.items()
    ]
    if judgement.evidence["allow_dirty"]:
        limits.append("uncommitted code allowed")
    return f" Changed on the command line: {', '.join(limits)}." if limits else ""


def _times(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
