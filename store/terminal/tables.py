"""Terminal tables of experiments, summaries and single runs."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from store.commands import again, line
from store.files.backend import Root
from store.luck.sentences import paragraph
from store.records.experiment import EDITABLE, Experiment
from store.records.group import GroupRecord
from store.records.short_window import short_time, without_growth
from store.records.symbols import has_many
from store.terminal.collapsed_rows import collapsed, collapsed_groups
from store.terminal.configuration_table import ConfigurationTable, configurations_title
from store.terminal.experiment_listing import counts_text
from store.terminal.fitted_table import Column, Facts, FittedTable, numbers, texts
from store.terminal.leaderboard import DIGITS, RunTable
from store.terminal.metric_text import cell, label, number_text, params_text
from store.terminal.window_tables import split_pages, spread_text, windows_tables

_ID = re.compile(r"exp-\S+|[0-9a-f]{16,}")
"""Names of experiments and runs, and hashes, in an answer to SQL."""


def summary_tables(
    summary: Mapping[str, Any], experiment: Experiment, root: Root
) -> RenderableType:
    """Tables of `Results.summary`."""
    metric = summary["metric"]
    best = [summary["best"]] if summary["best"] else []
    compared = [("base", row) for row in summary["baseline"]]
    sharpe = summary["metrics"].get("sharpe", {}).get("max")
    over_symbols = summary.get("by_configuration", [])
    first = [ConfigurationTable(over_symbols, configurations_title(over_symbols))] * has_many(
        experiment
    )
    return Group(
        *first,
        _pairs(
            {
                "experiment": f"{summary['experiment']} {summary['name']}".strip(),
                "status": summary["status"],
                "created": summary["created"],
                "seconds": f"{summary['seconds']:,.1f}",
                "runs": counts_text(summary["counts"]),
            }
        ),
        _groups_table(collapsed_groups(summary["groups"]), metric),
        _distribution_table(summary["metrics"]),
        RunTable(best, metric, f"best run by {metric.replace('_', ' ')}", collapsed(compared)),
        Text(paragraph(experiment, float("nan") if sharpe is None else sharpe, root)),
    )


def _groups_table(groups: Sequence[Mapping[str, Any]], metric: str) -> FittedTable:
    name = label(metric)
    who = ("strategy", "symbol", "direction", "window")
    table = FittedTable(
        [*texts(*who), *numbers("runs", f"best {name}", f"median {name}", "profitable %")]
    )
    for row in groups:
        table.add_row(
            *(row[key] for key in who),
            f"{row['runs']:,}",
            cell(metric, row["best"]),
            cell(metric, row["median"]),
            f"{100 * row['profitable']:.1f}",
        )
    return table


def _distribution_table(metrics: Mapping[str, Mapping[str, Any]]) -> FittedTable:
    headings = numbers("runs", "min", "25 %", "median", "75 %", "max")
    table = FittedTable([Column("metric"), *headings])
    for name, row in metrics.items():
        values = (row[key] for key in ("min", "q25", "median", "q75", "max"))
        table.add_row(label(name), f"{row['runs']:,}", *(cell(name, value) for value in values))
    return table


def experiment_page(
    experiment: Experiment, analysis: Mapping[str, Any], root: Root
) -> RenderableType:
    """Everything that an experiment's record says, and what its windows say.

    Args:
        experiment: the record.
        analysis: what `Results.show` gives of it.
        root: of the store.
    """
    search = " ".join(f"{name}={value}" for name, value in experiment.search.items())
    facts = {
        "experiment": experiment.id,
        "name": experiment.name,
        **_words({name: analysis[name] for name in ("tags", *EDITABLE)}),
        "status": experiment.status,
        "created": experiment.created,
        "finished": experiment.finished or "",
        "seconds": f"{experiment.seconds:,.1f}",
        "host": experiment.host,
        "command": line(*again(experiment.command, root)),
        "runs": counts_text(experiment.counts),
        "search": search,
        "plan": experiment.plan_hash[:16],
        "versions": " ".join(f"{name}={value}" for name, value in experiment.versions.items()),
    }
    sections = {
        "groups": [_short(group) for group in experiment.groups],
        "data": [{"symbol": name, **bars} for name, bars in experiment.data.items()],
        "files": [{"name": name, **file.to_json()} for name, file in experiment.files.items()],
    }
    return Group(
        _pairs({name: text for name, text in facts.items() if text}),
        *(_records(title, records) for title, records in sections.items() if records),
        _pairs(flat(experiment.config), "config"),
        *windows_tables((group.symbol, group.windows) for group in experiment.groups),
        *split_pages(analysis),
    )


def _short(group: GroupRecord) -> dict[str, object]:
    """A group without its windows' bars: those have a table of their own."""
    roles = [window.role for window in group.windows]
    shown = roles[0] if len(roles) == 1 else f"{roles[0]} to {roles[-1]}"
    return {**group.to_json(), "windows": shown}


def run_page(run: Mapping[str, Any]) -> RenderableType:
    """One run: who it is, its params and swept settings, and every metric."""
    facts = {
        "run": run["ref"],
        "strategy": run["strategy"],
        "params": params_text(run["params"]),
        "settings": params_text(run["settings"]),
        "symbol": f"{run['symbol']} {run['timeframe']}",
        "window": f"{run['window']}, {run['start']} to {run['end']}",
        "note": f"the window {short}" if (short := short_time(run["start"], run["end"])) else "",
        "direction": run["direction"],
        "status": run["status"] + (", the baseline" if run["baseline"] else ""),
        "made by": f"{run['origin']}/{run['origin_run']}" if run.get("origin") else "",
        "config hash": run["config_hash"],
        "params hash": run["params_hash"],
        **_words(run),
    }
    if "cpcv" in run:
        facts["cross-validation"] = spread_text(run["cpcv"])
    metrics = FittedTable([Column("metric"), Column("value", "number")])
    for name, value in without_growth(run["metrics"], run["start"], run["end"]).items():
        metrics.add_row(label(name), cell(name, value))
    return Group(_pairs({name: text for name, text in facts.items() if text}), metrics)


def flat(config: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """A nested config as its dotted keys."""
    flattened: dict[str, str] = {}
    for name, value in config.items():
        if isinstance(value, Mapping):
            flattened |= flat(value, f"{prefix}{name}.")
        else:
            flattened[f"{prefix}{name}"] = str(value)
    return flattened


def ledger_table(rows: Sequence[Mapping[str, Any]]) -> RenderableType:
    """Table of `ledger.rows`: one line per strategy, symbol and data."""
    if not rows:
        return Text("Nothing was counted yet; a sweep counts what it tries.")
    table = FittedTable(
        [
            *texts("strategy", "symbol"),
            Column("data", "id"),
            *numbers("configurations", "entries"),
            Column("first", "id"),
            Column("last", "id"),
        ]
    )
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault((row["strategy"], row["symbol"], row["fingerprint"]), []).append(row)
    for (strategy, symbol, fingerprint), own in groups.items():
        days = (own[0]["time"][:10], own[-1]["time"][:10])
        counts = (f"{own[-1]['total']:,}", f"{len(own):,}")
        table.add_row(strategy, symbol, fingerprint[:DIGITS], *counts, *days)
    return table


def faults_page(faults: Sequence[str]) -> RenderableType:
    """Page of the faults that verifying the ledger found."""
    if not faults:
        return Text("The ledger is as it was written, and counts every run in the store.")
    return Group(*map(Text, faults))


def errors_table(rows: Sequence[Mapping[str, Any]], n: int) -> RenderableType:
    """The first n of an experiment's error rows, without tracebacks."""
    if not rows:
        return Text("No run failed.")
    table = FittedTable([Column("ref", "id"), *texts("strategy", "symbol", "window", "error")])
    for row in rows[:n]:
        words = [row[name] for name in ("strategy", "symbol", "window", "error")]
        table.add_row(f"{row['experiment_id']}/{row['run']}", *words)
    more = f"{len(rows) - n:,} more; " if len(rows) > n else ""
    return Group(table, Text(f"{more}--json has configs and tracebacks"))


def words_table(rows: Sequence[Mapping[str, Any]], none: str) -> RenderableType:
    """Table of `experiment_search.search`: a line per experiment or run; `none` without any."""
    if not rows:
        return Text(none)
    table = FittedTable([Column("ref", "id"), *texts("name", "status", "tags", "description")])
    for row in rows:
        words = [row["name"], row["status"], ", ".join(row["tags"]), row["description"]]
        table.add_row(row["ref"], *words)
    return table


def words_page(words: Mapping[str, Any]) -> RenderableType:
    """Page of `edit_annotations.read`."""
    return _pairs({"ref": words["ref"], **_words(words)})


def _words(words: Mapping[str, Any]) -> dict[str, str]:
    """Tags and texts as they are shown; missing ones are empty."""
    texts = {name.replace("_", " "): words.get(name, "") for name in EDITABLE}
    return {"tags": ", ".join(words.get("tags", [])), **texts}


def answer_text(value: object) -> str:
    """A value of an answer: six digits of a fraction say enough, whole numbers keep all."""
    if value is None:
        return ""
    if isinstance(value, list):
        return f"[{', '.join(map(answer_text, value))}]"
    return number_text(value) if isinstance(value, float) and value == value else str(value)


def answer_table(
    names: Sequence[str], rows: Sequence[Mapping[str, object]], count: int
) -> RenderableType:
    """The first rows of an answer to SQL, which has `count` of them."""
    columns = []
    for name in names:
        values = [row[name] for row in rows if row[name] is not None]
        number = all(isinstance(value, int | float) for value in values)
        is_id = all(isinstance(value, str) and _ID.fullmatch(value) for value in values)
        columns.append(Column(name, "number" if number else "id" if is_id else "text"))
    table = FittedTable(columns)
    for row in rows:
        table.add_row(*(answer_text(row[name]) for name in names))
    more = (
        f"{count - len(rows):,} more rows: -n shows more, --json all" if count > len(rows) else ""
    )
    return Group(table, *([Text(more)] if more else []))


def _records(title: str, records: Sequence[Mapping[str, object]]) -> RenderableType:
    """A list of alike dicts, each as one line of its fields; at most 20 of them."""
    lines = [
        " ".join(f"{name}={value}" for name, value in record.items()) for record in records[:20]
    ]
    if len(records) > 20:
        lines.append(f"and {len(records) - 20:,} more: --json shows all")
    return Group(Text(title, "italic"), *map(Text, lines))


def _pairs(facts: Mapping[str, str], title: str = "") -> RenderableType:
    return Facts(facts, title)
