"""Content of a publication, the same for every tracker."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store.luck.record import line_of
from store.query import edit_annotations
from store.query.results import Results
from store.records.experiment import Experiment
from store.records.run_row import RunRow
from store.report import write_report

PROJECT = "sweeper"
"""Where trackers keep what is published, unless another project is named."""

EXPERIMENT_TAG = "sweeper.experiment"
RUN_TAG = "sweeper.run"


@dataclass(frozen=True)
class PublishedRun:
    """One run, a child of its experiment.

    Attributes:
        number: its run number.
        name: for people: strategy, symbol and number.
        params: its parameters and swept settings; NaN is off.
        metrics: finite ones only, in the units of `kernels`; means where there are several
            windows, those of test windows named `test_...`.
        tags: what else identifies it.
    """

    number: int
    name: str
    params: dict[str, float]
    metrics: dict[str, float]
    tags: dict[str, str]


@dataclass(frozen=True)
class Publication:
    """An experiment, its best runs, and the files about it.

    Attributes:
        id: of the experiment.
        name: what the user calls it.
        status: running, done, interrupted or failed.
        changed: when its numbers were last written: its end, or its start while it runs.
        note: description, hypothesis and expected impact, as they are now.
        labels: its tags, as they are now.
        params: what was searched, and how; the same for as long as the experiment exists.
        metrics: finite ones only: counts of runs, seconds, `noise_sharpe`, and the `best_...`.
        tags: what else identifies it.
        runs: the best first.
        files: the HTML report and the Markdown summary.
    """

    id: str
    name: str
    status: str
    changed: datetime
    note: str
    labels: tuple[str, ...]
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    runs: tuple[PublishedRun, ...]
    files: tuple[Path, ...]


@dataclass(frozen=True)
class Published:
    """Outcome of a publication.

    Attributes:
        where: the tracker's address of it, or the folder it was written to.
        runs: how many runs are published with it.
        added: how many of them were not there before; None when the tracker cannot say.
    """

    where: str
    runs: int
    added: int | None


def gather(results: Results, ref: str, top: int, folder: Path) -> Publication:
    """Read an experiment, and write the report about it.

    Args:
        results: the store.
        ref: an experiment, or one of its runs, whose equity is then in the report.
        top: how many of its best runs to publish.
        folder: where the report and its summary are written to.
    """
    experiment = results.resolve(ref).experiment
    edited = edit_annotations.read(results, experiment.id)
    best = [_published(run) for run in results.standings(experiment.id, top)]
    page = write_report(results.root, ref, folder / "report.html")
    texts = (edited["description"], edited["hypothesis"], edited["expected_impact"])
    return Publication(
        id=experiment.id,
        name=experiment.name,
        status=experiment.status,
        changed=datetime.fromisoformat(experiment.finished or experiment.created),
        note="\n\n".join(text for text in texts if text),
        labels=tuple(edited["tags"]),
        params=_searched(experiment),
        metrics=_figures(experiment, best),
        tags={
            EXPERIMENT_TAG: experiment.id,
            "sweeper.kernel": str(experiment.versions.get("kernel", "unknown")),
            "sweeper.code": str(experiment.versions.get("code") or "unknown"),
        },
        runs=tuple(best),
        files=(page, page.with_suffix(".md")),
    )


def _searched(experiment: Experiment) -> dict[str, str]:
    search = {f"search.{name}": str(value) for name, value in experiment.search.items()}
    return {
        "strategy": ", ".join(dict.fromkeys(group.strategy for group in experiment.groups)),
        "symbol": ", ".join(dict.fromkeys(group.symbol for group in experiment.groups)),
        **search,
    }


def _figures(experiment: Experiment, best: list[PublishedRun]) -> dict[str, float]:
    counts = {f"runs_{name}": float(count) for name, count in experiment.counts.items()}
    winner = {f"best_{name}": value for name, value in best[0].metrics.items()} if best else {}
    own = {"seconds": experiment.seconds, "noise_sharpe": line_of(experiment)}
    return counts | _finite(own) | winner


def _published(run: RunRow) -> PublishedRun:
    kept = ("config_hash", "params_hash", "strategy", "symbol", "timeframe", "direction", "window")
    tags = {f"sweeper.{name}": str(value) for name, value in run.items() if name in kept}
    return PublishedRun(
        number=run["run"],
        name=f"{run['strategy']} {run['symbol']} {run['run']}",
        params={**run["params"], **run["settings"]},
        metrics=_finite(run["metrics"]),
        tags={EXPERIMENT_TAG: run["experiment_id"], RUN_TAG: str(run["run"]), **tags},
    )


def _finite(values: Mapping[str, float | None]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in values.items()
        if value is not None and math.isfinite(value)
    }
