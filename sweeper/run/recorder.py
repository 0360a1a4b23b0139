"""The experiment's record: written when it starts, kept up to date while blocks come in."""

import dataclasses
import platform
import subprocess
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from kernels import KERNEL_VERSION
from kernels.jit.processor import processor
from store.data import Dataset
from store.files.backend import Root
from store.files.canonical import digest
from store.ledger import ledger
from store.ledger.recovery import recounted, runs_by_group
from store.luck.record import Luck
from store.query.stored_luck import concluded, luck_of_runs
from store.records import experiment as experiments
from store.records.experiment import Experiment, configurations
from store.records.group import GroupRecord
from store.runs import segments
from store.runs.columns import VERSION as SCHEMA_VERSION
from store.runs.compaction import compact
from store.runs.manifest import entry, with_committed
from sweeper.config.orders import brief
from sweeper.evaluate.block_task import BlockDone
from sweeper.evaluate.prior_runs import History
from sweeper.plan.cell import Cell, data_spec
from sweeper.plan.described_windows import described_windows
from sweeper.plan.overlap import holds_baseline
from sweeper.plan.plan import Group, Plan
from sweeper.run.declared import declared
from sweeper.split import settings as split_settings

SAVE_SECONDS = 2.0
"""How often a running experiment is saved, at most."""
SAVE_SHARE = 0.02
"""Of the time, that saving takes at most: the record of thousands of files is long."""

OVER = ("done", "skipped", "failed", "pruned")
"""Counts of runs of which nothing more will be heard."""


def describe(
    cells: Sequence[Cell],
    datasets: Sequence[Sequence[Dataset]],
    plan: Plan,
    history: History,
    *,
    command: Sequence[str],
    luck: Luck | None,
    now: datetime | None = None,
) -> Experiment:
    """The record of an experiment that is about to start.

    Args:
        cells: what it consists of.
        datasets: of each cell.
        plan: cut into blocks.
        history: what the store holds of it.
        command: what the user typed.
        luck: the plan's luck line; None where it cannot be measured.
        now: when it starts; None for the clock's word.
    """
    config, now = cells[0].config, now or datetime.now(UTC)
    used = {group.series.symbol for group in plan.groups}
    return Experiment(
        id=experiments.new_id(now),
        name=config.name,
        description=config.description,
        hypothesis=config.hypothesis,
        tags=list(config.tags),
        created=experiments.timestamp(now),
        command=list(command),
        config=_config(cells),
        plan_hash=plan.hash(),
        search=config.search.record(),
        groups=[_group(group) for group in plan.groups],
        counts={"planned": plan.runs, "done": 0, "skipped": 0, "failed": 0, "pruned": 0},
        noise_sharpe=None if luck is None else luck.mean,
        luck={} if luck is None else luck.record(),
        history=history.record(plan),
        declared=declared(plan),
        data={d.symbol: d.record() for symbols in datasets for d in symbols if d.symbol in used},
        versions={
            "kernel": KERNEL_VERSION,
            "schema": SCHEMA_VERSION,
            "python": platform.python_version(),
            "cpu": processor(),
            "code": _commit(),
        },
        host=platform.node(),
    )


class Record:
    """Counts and files of a running experiment; saved every few seconds and at the end."""

    def __init__(self, root: Root, experiment: Experiment) -> None:
        self._root = root
        self.experiment = experiment
        self._merged: list[str] = []
        self._saved = time.monotonic()
        self._pause = SAVE_SECONDS
        self._began = self._saved - experiment.seconds

    @property
    def over(self) -> int:
        """Runs of which nothing more will be heard."""
        return sum(self.experiment.counts[name] for name in OVER)

    def recover(self) -> None:
        """Count what is committed; a driver that was killed may not have recorded all of it."""
        self.experiment = recounted(self._root, with_committed(self._root, self.experiment))

    def add(self, block: BlockDone) -> None:
        """Count a finished block."""
        files = [file for file in (block.errors, block.file) if file is not None]
        new = {"done": block.runs, "failed": block.failed, "pruned": block.pruned}
        for name, count in new.items():
            self.experiment.counts[name] += count
        self.experiment.files.update({file.name: entry(file) for file in files})
        if time.monotonic() - self._saved > self._pause:
            self._gather()
            self.save("running")

    def _gather(self) -> None:
        """Merge some blocks if there are many small ones; those of the last time are dropped."""
        gathered = segments.gather(self._root, self.experiment)
        if gathered is not self.experiment:
            segments.drop(self._root, self.experiment.id, self._merged)
            self._merged = [name for name in self.experiment.files if name not in gathered.files]
            self.experiment = gathered

    def settle(self) -> None:
        """Take as planned the runs that were made: a search that learns may end before its budget.

        So the runs of each group are those that it has, too, and no configuration of them is known
        to be an old one.
        """
        experiment = self.experiment
        rows = runs_by_group(self._root, experiment)
        groups = [
            dataclasses.replace(group, runs=runs)
            for group, runs in zip(experiment.groups, rows, strict=True)
        ]
        settled = dataclasses.replace(experiment, groups=groups)
        history = dataclasses.replace(experiment.history, new=configurations(settled), exact=False)
        self.experiment = dataclasses.replace(settled, history=history)
        self.experiment.counts["planned"] = self.over

    def compact(self) -> None:
        """Merge the blocks into one sorted file."""
        segments.drop(self._root, self.experiment.id, self._merged)
        self.experiment = compact(self._root, self.experiment.id)

    def conclude(self, *, redrawn: bool) -> None:
        """Set what the experiment shows next to its luck line.

        The line is that of what has run, where random points stood in for it or where there is none
        yet, as in a record that an earlier version has begun.

        Args:
            redrawn: whether its bars may be: of a universe too large `store luck` measures it.
        """
        luck = Luck.of(self.experiment)
        if redrawn and (luck is None or luck.stand_in):
            luck = luck_of_runs(self._root, self.experiment)
        self.experiment = concluded(self._root, self.experiment, luck)

    def end(self, status: str) -> None:
        """Count in the ledger what was tried, then write the record with its last status.

        In this order: what is killed in between is still `running`, and counted by the next sweep.
        """
        self.experiment = self._now(status)
        ledger.record(self._root, self.experiment.id, ended=self.experiment)
        self._write()

    def save(self, status: str) -> None:
        """Write the record with a status; any but `running` ends the experiment for now."""
        self.experiment = self._now(status)
        self._write()

    def _now(self, status: str) -> Experiment:
        """The record with a status, and the time that was spent."""
        return dataclasses.replace(
            self.experiment,
            status=status,
            finished=None if status == "running" else experiments.timestamp(datetime.now(UTC)),
            seconds=round(time.monotonic() - self._began, 3),
        )

    def _write(self) -> None:
        started = time.monotonic()
        experiments.save(self._root, self.experiment)
        self._saved = time.monotonic()
        self._pause = max(SAVE_SECONDS, (self._saved - started) / SAVE_SHARE)


def _config(cells: Sequence[Cell]) -> dict[str, object]:
    """The first cell's config; what other cells change stands in the groups' overrides."""
    config = asdict(cells[0].config)
    config["data"] = data_spec(cells[0].config).to_config()
    config["search"] = cells[0].config.search.record()
    config["fill"] = cells[0].config.fill.record()
    config |= {section: brief(section, config[section]) for section in ("risk", "costs", "size")}
    return config


def _group(group: Group) -> GroupRecord:
    cell = group.cell
    return GroupRecord(
        strategy=cell.strategy.name,
        module=cell.strategy.module,
        source=cell.strategy.source_hash,
        symbol=group.series.symbol,
        fingerprint=group.series.fingerprint,
        direction=cell.config.strategy.direction,
        look_ahead=cell.config.strategy.allow_look_ahead,
        overrides=tuple(cell.overrides),
        data=data_spec(cell.config).to_config(),
        space={axis.name: str(axis) for axis in cell.space.axes},
        constraint=str(cell.space.constraint) if cell.space.constraint else None,
        baseline_in_space=cell.baseline_in_space or holds_baseline(group.alike, cell),
        shares=digest(group.what())[:16] if group.alike else None,
        fixed={name: None if value != value else value for name, value in cell.fixed.items()},
        settings=group.shared_settings(),
        metrics={metric.column: metric.source_hash for metric in cell.own_metrics},
        split=split_settings(cell.config.split),
        windows=described_windows(group),
        holdout=cell.config.holdout,
        development_bars=len(group.series.times),
        points=group.points,
        runs=group.runs,
        block_points=group.block_points,
        first_block=group.first_block,
        blocks=group.blocks,
        first_run=group.first_run,
    )


def _commit() -> str | None:
    """The commit of the checkout, with `+` when files differ from it; None outside a checkout."""
    here = Path(__file__).resolve().parents[1]
    commands = (
        ["git", "rev-parse", "HEAD"],
        ["git", "--no-optional-locks", "status", "--porcelain"],
    )
    try:
        head, changed = (
            subprocess.run(c, cwd=here, capture_output=True, text=True, check=True).stdout.strip()
            for c in commands
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return head + "+" if changed else head
