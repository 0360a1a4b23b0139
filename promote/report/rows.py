"""The tables of a report as text, shared by its forms."""

import math

from promote.gate.verdict import number
from promote.profiles.profile import Profile
from promote.report.report import Report
from store.report.number_format import metric_label, metric_text
from store.runs.schema import COUNTS
from store.terminal.metric_text import cell, label

SHOWN = (
    "sharpe",
    "annual_return",
    "total_return",
    "volatility",
    "max_drawdown",
    "sortino",
    "calmar",
    "win_rate",
    "profit_factor",
    "trades",
    "turnover",
)


TILES = ("sharpe", "annual_return", "max_drawdown", "trades")


def subject(report: Report) -> str:
    """Strategy, symbol and dates of the promoted configuration."""
    profile = report.profile
    return f"{profile.strategy['name']} on {profile.symbol} {profile.timeframe}, {_days(profile)}"


def tile_rows(report: Report) -> list[tuple[str, str, str]]:
    """Label, value and tone of the numbers at the head of the page."""
    profile, verdicts = report.profile, report.judgement.verdicts
    values = {name: float(profile.metrics[name]) for name in TILES}
    old = metric_text("sharpe", float(report.baseline["sharpe"]))
    passed = sum(verdict.word == "pass" for verdict in verdicts)
    return [
        *((metric_label(name), metric_text(name, values[name]), "best") for name in TILES),
        ("Sharpe, baseline", old, "base"),
        ("checks passed", f"{passed} of {len(verdicts)}", ""),
    ]


def metric_rows(report: Report) -> list[tuple[str, str, str, str]]:
    """Metric, baseline, candidate and their difference."""
    rows = []
    for name in SHOWN:
        kind = int if name in COUNTS else float
        old, new = kind(report.baseline[name]), kind(report.profile.metrics[name])
        change = new - old
        sign = "+" if math.isfinite(change) and change > 0 else ""
        rows.append((label(name), cell(name, old), cell(name, new), sign + cell(name, change)))
    return rows


def verdict_rows(report: Report) -> list[tuple[str, str, str, str, str]]:
    """Word, check, observed, limit and reason of every verdict."""
    return [
        (
            verdict.word,
            verdict.check.replace("_", " "),
            f"{number(verdict.observed)} {verdict.unit}".strip(),
            number(verdict.limit),
            verdict.reason,
        )
        for verdict in report.judgement.verdicts
    ]


def fact_rows(report: Report) -> list[tuple[str, str]]:
    """Rows on the promoted configuration: its source and its competitors."""
    profile = report.profile
    tried, holdout = profile.tried, profile.holdout
    counted = {
        "tried so far (ledger)": tried["ledger"],
        "compared": tried["compared"],
        "worth as independent ones": tried["independent"],
    }
    counts = [f"{_count(value)} {what}" for what, value in counted.items() if value is not None]
    return [
        ("strategy", f"{profile.strategy['name']} on {profile.symbol} {profile.timeframe}"),
        ("experiment", f"{profile.experiment['id']}/{profile.experiment['run']}"),
        ("hypothesis", profile.experiment["hypothesis"] or "not given"),
        (
            "window",
            f"{profile.window['role']}, {_days(profile)}",
        ),
        ("parent", f"v{profile.parent}" if profile.parent else "none"),
        ("reason", profile.reason or "not given"),
        ("expected impact", profile.expected_impact or "not given"),
        ("configurations", "; ".join(counts) or "not counted"),
        ("looks at the holdout", f"{holdout['uses']:,} so far on this symbol's bars"),
        ("config hash", profile.config_hash),
    ]


def _count(value: float) -> str:
    return f"{value:,.0f}" if isinstance(value, int) else f"{value:,.1f}"


def _days(profile: Profile) -> str:
    return f"{profile.window['first'][:10]} to {profile.window['last'][:10]}"
