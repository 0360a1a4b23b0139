"""STRATEGY_LOG.md: what was changed, why, and with what effect, as the audit tells it.

The file is drawn again from all entries whenever one is added, so that the two cannot disagree.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from promote.audit.audit_log import APPROVED, IMPACT, VERSIONS
from promote.audit.markdown import plain

IMPACT_DAYS = 30
"""From when on the actual impact can be told."""

_HEAD = (
    "# Strategy log\n\n"
    "Every version of every profile, newest first. This file is drawn from the audit:\n"
    "`promote apply`, `approve`, `rollback` and `actual-impact` write it, `verify` compares them.\n"
)

Body = Mapping[str, Any]


def render(bodies: Sequence[Body]) -> str:
    """The whole file, for audit entries oldest first."""
    made = [body for body in bodies if body["kind"] in VERSIONS]
    return "\n".join([_HEAD, *(_section(body, bodies) for body in reversed(made))])


def changes_text(changes: Mapping[str, Sequence[object]]) -> str:
    """Changed numbers as `fast 20 -> 25, slow 50 -> 60`; `off` and `none` for what is not there."""
    texts = (f"{name} {_value(old)} -> {_value(new)}" for name, (old, new) in changes.items())
    return ", ".join(texts) or "none"


def _value(value: object) -> str:
    if value is None:
        return "none"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _section(body: Body, bodies: Sequence[Body]) -> str:
    profile, version = body["profile"], body["version"]
    later = [
        entry for entry in bodies if (entry["profile"], entry["version"]) == (profile, version)
    ]
    lines = {
        "Date": f"{body['time'][:19].replace('T', ' ')} UTC, by {body['by']}",
        "Parent": f"v{body['parent']}" if body["parent"] else "none",
        "Experiment": f"{body['experiment']}/{body['run']}, config {body['config_hash'][:12]}",
        "Reason": body["reason"] or "not given",
        "Parameter changes": changes_text(body["changes"]),
        "Expected impact": body["expected_impact"] or "not given",
        "Approved": _approvals(later),
        f"Actual impact (fill after {IMPACT_DAYS} days)": _impact(body, later),
    }
    heading = f"## {profile} v{version}" + (f" (back to v{body['to']})" if "to" in body else "")
    return (
        "\n".join([heading, "", *(f"- **{key}**: {plain(text)}" for key, text in lines.items())])
        + "\n"
    )


def _approvals(later: Iterable[Body]) -> str:
    lines = [
        f"by {entry['by']} on {entry['time'][:10]}"
        + (f": {entry['comment']}" if entry["comment"] else "")
        for entry in later
        if entry["kind"] == APPROVED
    ]
    return "; ".join(lines) or "not yet"


def _impact(body: Body, later: Iterable[Body]) -> str:
    lines = [
        f"{entry['text']} ({entry['time'][:10]}, {entry['by']})"
        for entry in later
        if entry["kind"] == IMPACT
    ]
    due = datetime.fromisoformat(body["time"]) + timedelta(days=IMPACT_DAYS)
    return "; ".join(lines) or f"open, from {due:%Y-%m-%d} on"
