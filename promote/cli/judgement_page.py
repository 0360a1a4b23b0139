"""A judgement on the terminal: a table of checks, and a last line that says it all."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from promote.gate.judge import Judgement
from promote.gate.verdict import number
from store.terminal.metric_text import params_text
from store.terminal.window_tables import day

LINE = "{:<4}  {:<22}{:>10}{:>10}  {}"
STYLES = {"pass": "green", "WARN": "yellow", "FAIL": "bold red"}


def judgement_page(judgement: Judgement) -> RenderableType:
    """Page of a judgement: every check with its reason, and whether the run may be promoted."""
    about = map(Text, _about(judgement.evidence))
    return Group(*about, *_checks(judgement), Text(summary(judgement)))


def summary(judgement: Judgement) -> str:
    """Sentence on whether the run may be promoted, and how many configurations were counted."""
    decisive = [verdict for verdict in judgement.verdicts if not verdict.warning]
    failed = sum(verdict.blocks for verdict in decisive)
    warned = sum(verdict.word == "WARN" for verdict in judgement.verdicts)
    word = "Promotable" if judgement.passed else "Not promotable"
    text = f"{word}: {len(decisive) - failed} of {len(decisive)} checks passed"
    text += f", {warned} warned." if warned else "."
    return f"{text} {_counted(judgement.evidence)}{_changed(judgement)}"


def _checks(judgement: Judgement) -> Iterator[RenderableType]:
    """Two lines per check: what was found next to the limit, and why."""
    heads = LINE.format("", f"gate {judgement.preset.name}", "observed", "limit", "")
    yield Text(f"\n{heads}\n{'─' * 72}")
    for verdict in judgement.verdicts:
        observed, limit = number(verdict.observed), number(verdict.limit)
        line = Text(LINE.format(verdict.word, verdict.check, observed, limit, verdict.unit))
        line.stylize(STYLES[verdict.word], 0, len(verdict.word))
        yield line
        yield Padding(Text(verdict.reason, style="dim"), (0, 0, 0, 6))
    yield Text()


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
    if evidence.get("passed_over"):
        yield evidence["passed_over"]
    if luck := evidence.get("luck"):
        yield luck
    if declared := evidence.get("declared"):
        yield declared
    look = evidence["holdout"]
    if look is None:
        yield "The holdout was not looked at."
        return
    first, last = map(day, look["window"])
    looks = _count(look["looks"], "time")
    judged = _count(look["configurations"], "configuration")
    yield f"The holdout, {first} to {last}, was looked at {looks} by now, for {judged}."


def _counted(evidence: Mapping[str, Any]) -> str:
    if evidence["tried"] is None:
        return "How many configurations were tried is not known."
    text = f"{evidence['tried']:,} configurations were counted on these data"
    worth = evidence["independent"]
    return f"{text}." if worth is None else f"{text}, worth {worth:,.1f} independent ones."


def _changed(judgement: Judgement) -> str:
    """Limits that were asked for in place of the preset's."""
    limits = [
        f"{name} {'off' if limit is None else number(limit)}"
        for name, limit in judgement.preset.changed.items()
    ]
    if judgement.evidence["allow_dirty"]:
        limits.append("uncommitted code allowed")
    return f" Changed on the command line: {', '.join(limits)}." if limits else ""


def _count(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"
