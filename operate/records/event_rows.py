"""Events of operation, newest first: promotions, rollouts, tasks, challengers and cycles."""

from collections.abc import Mapping
from dataclasses import dataclass

from store.registry import Event
from store.registry.registry import NULL_SWEEP, Registry

EDITS = ("tag added", "tag removed", "note edited", "imported", "deleted", NULL_SWEEP)
"""Kinds of events that are of experiments, and concern no profile."""
MOST_TEXT = 300
_HEAD = ("version", "stage", "capital", "by", "approver", "reason", "comment")
"""Facts that a sentence has by name, or leaves out."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event as a table holds it.

    Attributes:
        number: ascending in time; the key of the next page.
        time: when, UTC, ISO 8601.
        kind: `rollout advanced`, `promoted`, `task run` and so on.
        subject: profile, task, test, or the symbol whose holdout was used.
        by: who did it; the account of the process where no person is named.
        text: what was done, in words.
    """

    number: int
    time: str
    kind: str
    subject: str
    by: str
    text: str


def event_rows(
    registry: Registry, *, subject: str | None = None, before: int | None = None, limit: int = 50
) -> list[EventRow]:
    """The newest events of operation.

    Args:
        registry: of the store.
        subject: only events of this profile, task or symbol.
        before: only events with a smaller number: the last one of the page before.
        limit: rows at most.
    """
    events = registry.newest_events(limit, subject=subject, before=before, without=EDITS)
    return [
        EventRow(each.number, each.time, each.kind, each.subject, _by(each), event_text(each))
        for each in events
    ]


def _by(event: Event) -> str:
    named = event.facts.get("by") or event.facts.get("approver")
    return str(named) if named else event.account


def event_text(event: Event) -> str:
    """Sentence of an event: `v1, stage half, 50 % of the capital: looked`."""
    facts = event.facts
    parts = [f"v{facts['version']}"] if "version" in facts else []
    if "stage" in facts:
        parts.append(f"stage {facts['stage']}")
    capital = facts.get("capital")
    if isinstance(capital, int | float):
        parts.append(f"{100 * capital:g} % of the capital")
    if len(parts) < 2:
        parts += _rest(facts)
    why = facts.get("reason") or facts.get("comment")
    why = "" if why == facts.get("by") else why
    text = ", ".join(parts) + (f": {why}" if why and parts else str(why or ""))
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}..."


def _rest(facts: Mapping[str, object]) -> list[str]:
    """Other facts that are short, with their names."""
    return [
        f"{name.replace('_', ' ')} {value}"
        for name, value in facts.items()
        if name not in (*_HEAD, "change", "state", "time", "profile")
        and isinstance(value, str | int | float)
        and 0 < len(str(value)) <= 40
    ]
