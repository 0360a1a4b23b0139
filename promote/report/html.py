"""The report as one HTML page that needs nothing else: no network, no script, no second file."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from promote.audit.strategy_log import changes_text
from promote.report.report import Report
from promote.report.rows import fact_rows, metric_rows, subject, tile_rows, verdict_rows
from store.report.html import stylesheet

OWN = Path(__file__).with_name("page.css")
"""Rules that the page has beyond those of the main report."""


def page(report: Report) -> str:
    """The whole page; everything of the user's is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        profile=report.profile,
        style=stylesheet() + Markup(OWN.read_text(encoding="utf-8")),  # our own file
        subject=subject(report),
        tiles=tile_rows(report),
        facts=fact_rows(report),
        changes=changes_text(report.changes),
        against=report.against,
        metrics=metric_rows(report),
        preset=report.judgement.preset.name,
        verdicts=verdict_rows(report),
        plan=report.canary.plan(),
        stops=report.canary.stops(),
    )
