"""The report as Markdown, for the text of a pull request."""

from promote.audit.markdown import plain, table
from promote.audit.strategy_log import changes_text
from promote.report.report import Report
from promote.report.rows import fact_rows, metric_rows, verdict_rows


def summary(report: Report) -> str:
    """The whole document."""
    profile = report.profile
    parts = [
        f"# Promote {profile.ref}",
        table(("", ""), fact_rows(report)),
        f"Parameter changes: {plain(changes_text(report.changes))}.",
        "## Baseline against candidate",
        f"Both on the bars of the candidate's window; the baseline is {plain(report.against)}.",
        table(("metric", "baseline", "candidate", "change"), metric_rows(report)),
        "## Gate",
        f"Preset `{plain(report.judgement.preset.name)}`: recommended. Approval is a person's.",
        table(("", "check", "observed", "limit", "reason"), verdict_rows(report)),
        "## Canary plan",
        _list(report.canary.plan()),
        "## Roll back when",
        _list(report.canary.stops()),
        f"`python -m promote rollback {profile.profile}`",
        "## Before merging",
        _list(
            [
                f"[ ] `python -m promote verify {profile.ref}` ends with 0",
                f"[ ] `python -m promote approve {profile.ref}`, by somebody else than "
                f"{plain(profile.promoted_by)}",
            ]
        ),
    ]
    return "\n\n".join(parts) + "\n"


def _list(sentences: list[str]) -> str:
    return "\n".join(f"- {sentence}" for sentence in sentences)
