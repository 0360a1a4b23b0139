"""STRATEGY_LOG.md: what was changed, why, and with what effect, as the audit tells it.

The file is drawn again from all entries whenever one is added, so that the two cannot disagree.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from promote.audit.act import APPROVED, IMPACT, Act
from promote.audit.markdown import plain

IMPACT_DAYS = 30
"""From when on the actual impact can be told."""

_HEAD = (
    "# Strategy log\n\n"
    "Every version of every profile, newest first. This file is drawn from the audit:\n"
    "`promote apply`, `approve`, `rollback` and `actual-impact` write it, `verify` compares them.\n"
)


def render(acts: Sequence[Act]) -> str:
    """The whole file, for the acts of the audit, oldest first."""
    made = [act for act in acts if act.makes_version]
    return "\n".join([_HEAD, *(_section(act, acts) for act in reversed(made))])


def changes_text(changes: Mapping[str, Sequence[object]]) -> str:
    """Changed numbers as `fast 20 -> 25, slow 50 -> 60`; `off` and `none` for what is not there."""
    texts = (f"{name} {_value(old)} -> {_value(new)}" for name, (old, new) in changes.items())
    return ", ".join(texts) or "none"


def _value(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _section(act: Act, acts: Sequence[Act]) -> str:
    later, made = [each for each in acts if each.of(act.profile, act.version)], act.made
    lines = {
        "Date": f"{act.time[:19].replace('T', ' ')} UTC, by {act.by}",
        "Parent": f"v{made.parent}" if made.parent else "none",
        "Experiment": f"{made.experiment}/{made.run}, config {made.config_hash[:12]}",
        "Reason": made.reason or "not given",
        "Parameter changes": changes_text(made.changes),
        "Expected impact": made.expected_impact or "not given",
        "Approved": _approvals(later),
        f"Actual impact (fill after {IMPACT_DAYS} days)": _impact(act, later),
    }
    back = "" if made.to is None else f" (back to v{made.to})"
    heading = f"## {act.profile} v{act.version}{back}"
    return (
        "\n".join([heading, "", *(f"- **{key}**: {plain(text)}" for key, text in lines.items())])
        + "\n"
    )


def _approvals(later: Iterable[Act]) -> str:
    lines = [
        f"by {act.by} on {act.day}" + (f": {comment}" if (comment := act.text("comment")) else "")
        for act in later
        if act.kind == APPROVED
    ]
    return "; ".join(lines) or "not yet"


def _impact(made: Act, later: Iterable[Act]) -> str:
    lines = [f"{act.text('text')} ({act.day}, {act.by})" for act in later if act.kind == IMPACT]
    due = datetime.fromisoformat(made.time) + timedelta(days=IMPACT_DAYS)
    return "; ".join(lines) or f"open, from {due:%Y-%m-%d} on"
