"""The report in short, as Markdown for a pull request."""

import math
import re

from store.luck.sentences import number
from store.report.number_format import (
    count_text,
    duration_text,
    metric_label,
    metric_text,
    param_text,
    share_text,
)
from store.report.table import ROLE_NAMES
from store.report.verdict import front_text, verdict
from store.report.view_model import Entry, ReportView
from store.terminal.window_tables import stitched_text

SHOWN = 5
METRICS = ("sharpe", "annual_return", "max_drawdown", "trades")


def summary(view: ReportView) -> str:
    """Summary: what ran, its worth, the best runs, the warnings and how to go on."""
    heading, sentence = verdict(view)
    parts = [
        f"## {plain(view.title)}",
        f"{plain(view.subject)}. `{view.id}`",
        _facts(view),
        f"**{heading}** {sentence}",
        *([f"Hypothesis: {plain(view.hypothesis)}"] if view.hypothesis else []),
        *([plain(view.elsewhere)] if view.elsewhere else []),
        _walk(view),
        _cautions(view),
        _by_configuration(view),
        _table(view),
        _front(view),
        _plateau(view),
        _advice(view),
        _steps(view),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def plain(text: str) -> str:
    """A user's text where Markdown would read its marks, or HTML; on one line."""
    escaped = re.sub(r"([\\`*_{}\[\]()#+!|~<>&@$:-])", r"\\\1", text)
    return " ".join(escaped.split())


def code(text: str) -> str:
    """A fenced block, its fence longer than any inside."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}bash\n{text}\n{fence}"


def _facts(view: ReportView) -> str:
    counts = [f"{count_text(number)} {name}" for name, number in view.counts.items() if number]
    facts = [*counts, duration_text(view.seconds)]
    if view.luck is not None:
        facts.append(f"Sharpe of the best without skill {number(view.luck.mean)}")
    status = "" if view.status == "done" else f"**{view.status}**, "
    return f"{status}{', '.join(facts)}."


def _walk(view: ReportView) -> str:
    """The record of a walk-forward's test windows, next to holding."""
    if view.walk is None:
        return ""
    text = plain(stitched_text(view.walk))
    held = [metrics.metrics for metrics in view.equity.records if metrics.role == "hold"]
    names = ("sharpe", "annual_return", "max_drawdown")
    compared = [
        f"{metric_label(n)} {metric_text(n, metrics[n])}" for metrics in held for n in names
    ]
    return f"{text} Buy and hold over the same bars: {', '.join(compared)}." if compared else text


def _cautions(view: ReportView) -> str:
    return "\n".join(
        f"- **{plain(caution.title)}.** {plain(caution.text)}" for caution in view.cautions
    )


def _by_configuration(view: ReportView) -> str:
    """The best configurations over symbols; nothing of one or two symbols."""
    rows = view.by_configuration[:SHOWN]
    if not rows:
        return ""
    metric = rows[0]["metric"]
    label = metric_label(metric)
    lines = [
        ["", "strategy", "parameters", f"median {label}", "mean", "worst", "above 0", "symbols"],
        ["---", "---", "---", *["---:"] * 5],
    ]
    for place, row in enumerate(rows, 1):
        values = {**row["params"], **row["settings"]}
        words = [f"{name}={param_text(value)}" for name, value in values.items()]
        figures = [metric_text(metric, row[name]) for name in ("median", "mean", "worst")]
        who = plain(f"{row['strategy']} {row['direction']}")
        counts = [str(row["positive"]), str(row["n"])]
        lines.append([str(place), who, plain(" ".join([*words, row["cell"]])), *figures, *counts])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _table(view: ReportView) -> str:
    ranked = [entry for entry in view.entries if entry.role is None][:SHOWN]
    compared = [entry for entry in view.entries if entry.role is not None]
    if not ranked:
        return ""
    names = list(dict.fromkeys([view.metric, *METRICS]))
    lines = [
        ["", "strategy", "parameters", *map(metric_label, names)],
        ["---", "---", "---", *["---:"] * len(names)],
        *(_row(str(place), entry, names) for place, entry in enumerate(ranked, 1)),
        *(_row(ROLE_NAMES[entry.role], entry, names) for entry in compared if entry.role),
    ]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _row(place: str, entry: Entry, names: list[str]) -> list[str]:
    who = " ".join(filter(None, (entry.strategy, entry.symbol, entry.direction)))
    params = " ".join(f"{name}={value}" for name, value in entry.values)
    cells = (metric_text(name, entry.metrics.get(name, math.nan)) for name in names)
    return [place, plain(who), plain(params), *cells]


def _front(view: ReportView) -> str:
    return "" if view.trade_off is None else plain(front_text(view.trade_off))


def _plateau(view: ReportView) -> str:
    """The best plateau of all families, by the order in which they are ranked."""
    if not view.peaks:
        return ""
    peak = view.peaks[0]
    where = " ".join(f"{name}={param_text(value)}" for name, value in peak.params.items())
    label = metric_label(view.metric)
    return (
        f"Best plateau of {plain(peak.family)}: {plain(where)} (run {peak.run}), median {label} of "
        f"{peak.size} neighbours {metric_text(view.metric, peak.median)}. Around the best run "
        f"{share_text(peak.best_score)} of it is kept."
    )


def _advice(view: ReportView) -> str:
    """Worth of the suggestion; its command is among the steps."""
    suggestion = view.suggestion
    if suggestion is None:
        return ""
    weights = " ".join(f"{name}={param_text(value)}" for name, value in suggestion.weights.items())
    text = f"Weights, medians over the best plateau: {plain(weights)}. " if weights else ""
    return text + suggestion.advice


def _steps(view: ReportView) -> str:
    lines = "\n".join(f"{step.command}  # {step.purpose}" for step in view.steps)
    return code(lines) if lines else ""
