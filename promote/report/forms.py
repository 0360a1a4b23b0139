"""The report of a promotion as files: JSON, HTML, Markdown for a pull request."""

from promote.audit.journal import Write
from promote.profiles.files import relative
from promote.report.html import page
from promote.report.pull_request import summary
from promote.report.report import Report
from store.runs.plain import to_json


def report_writes(report: Report) -> list[Write]:
    """Files that the report writes, next to its version of the profile."""
    forms = {"json": to_json(report.to_dict()) + "\n", "html": page(report), "md": summary(report)}
    name, version = report.profile.profile, report.profile.version
    return [
        Write(relative(name, f"v{version}.report.{ending}"), text) for ending, text in forms.items()
    ]
