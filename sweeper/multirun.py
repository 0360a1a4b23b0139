"""Hydra's multirun: overrides in, cells out, each cell one job for callbacks and output folders."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus, configure_log, filter_overrides
from hydra.errors import CompactHydraException
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from store.files import backend
from store.records.experiment import Experiment
from sweeper.config.command_line import typed_words
from sweeper.config.saved_job import swept
from sweeper.config.schema import Config
from sweeper.plan.cell import Cell, flatten, param_path
from sweeper.plan.composed_once import as_cell, unswept
from sweeper.plan.request import Composer, request_cells, without_hydra
from sweeper.run import job_logs
from sweeper.run.cell_summary import summaries
from sweeper.run.driver import sweep_cells
from sweeper.run.events import AlreadyDone, Event, Planned, to_all
from sweeper.run.job_logs import log_event
from sweeper.terminal.watcher import shown_as


class NotOurs(CompactHydraException):
    """Another application has chosen our sweeper; Hydra shows such an error as its one line."""

    @classmethod
    def line(cls) -> str:
        """Line that its user reads."""
        return (
            "hydra/sweeper=vector: serves Sweeper's own application only, and this config is not "
            "built on its `config`; in another application choose hydra/sweeper=basic"
        )


def multirun(
    context: HydraContext, config: DictConfig, overrides: list[str]
) -> list[list[JobReturn]]:
    """Run the experiment that the overrides describe.

    Returns:
        One batch, as all cells run together, with a JobReturn for each cell; its `return_value` is
        the summary of `_summary`, or the error that ended the sweep.

    Raises:
        NotOurs: the config is of another application.
        ValueError: a launcher is chosen, or bad input.
    """
    _refuse_others(config)
    loader = context.config_loader

    def compose(texts: Sequence[str]) -> DictConfig:
        if list(texts) == unswept(overrides):
            return as_cell(config, texts)
        return loader.load_sweep_config(config, list(texts))

    always: Any = OmegaConf.to_container(config.hydra.overrides.hydra)  # unresolved, as typed
    composer = Composer.of(loader, compose, config.hydra.job.config_name, always)
    requested = list(request_cells(overrides, composer))
    for number, (composed, _) in enumerate(requested):
        with read_write(composed.hydra), open_dict(composed.hydra):
            composed.hydra.job.id, composed.hydra.job.num = str(number), number
    cells = [cell for _, cell in requested]
    jobs = _Jobs(context, config, requested)
    command = ["python", "-m", "sweeper", *typed_words()]
    watch = to_all(jobs.watch, log_event, shown_as(cells[0].config.output))
    sweep_cells(cells, command, watch, jobs.around())
    return [jobs.returned]


def _refuse_others(config: DictConfig) -> None:
    if OmegaConf.get_type(config) is not Config:
        raise NotOurs(NotOurs.line())
    launcher = config.hydra.runtime.choices.get("hydra/launcher")
    if launcher not in (None, "basic"):
        raise ValueError(
            f"hydra/launcher={launcher}: no launcher is used, a sweep is one job that executor= "
            "spreads over cores or a cluster; leave it out"
        )


class _Jobs:
    """Jobs as Hydra makes them: `multirun.yaml`, a folder, a log and two callbacks for each."""

    def __init__(
        self,
        context: HydraContext,
        config: DictConfig,
        requested: Sequence[tuple[DictConfig, Cell]],
    ) -> None:
        self.returned: list[JobReturn] = []
        self._context, self._config, self._requested = context, config, requested
        self._experiment: Experiment | None = None

    def watch(self, event: Event) -> None:
        """Learn which experiment it is."""
        if isinstance(event, Planned | AlreadyDone):
            self._experiment = event.experiment

    @contextmanager
    def around(self) -> Iterator[None]:
        """Entered once all input has proved good, left when the runs have ended."""
        config, composed = self._config, [composed for composed, _ in self._requested]
        folder = Path(config.hydra.sweep.dir)
        folder.mkdir(parents=True, exist_ok=True)
        OmegaConf.save(config, folder / "multirun.yaml")
        self.returned += [_start_job(self._context, *each) for each in self._requested]
        configure_log(config.hydra.hydra_logging, config.hydra.verbose)
        job_logs.configure(composed)
        error: BaseException | None = None
        try:
            yield
        except BaseException as raised:
            error = raised
            raise
        finally:
            values: list[Any] = [error] * len(composed) if error else self._summaries()
            for cfg, job, value in zip(composed, self.returned, values, strict=True):
                job.return_value = value
                job.status = JobStatus.COMPLETED if error is None else JobStatus.FAILED
                self._context.callbacks.on_job_end(config=cfg, job_return=job)

    def _summaries(self) -> list[dict[str, Any]]:
        assert self._experiment is not None
        cells = [cell for _, cell in self._requested]
        root = backend.absolute(cells[0].config.store.root)
        return summaries(root, self._experiment.id, cells)


def _start_job(context: HydraContext, cfg: DictConfig, cell: Cell) -> JobReturn:
    """Start of a job as Hydra makes it: the output folder with `.hydra/`, then the callback."""
    job = JobReturn()
    with read_write(cfg.hydra.runtime), open_dict(cfg.hydra.runtime):
        folder = Path(cfg.hydra.sweep.dir) / str(cfg.hydra.sweep.subdir)
        cfg.hydra.runtime.output_dir = str(folder.absolute())
    HydraConfig.instance().set_config(cfg)
    folder.mkdir(parents=True, exist_ok=True)
    job.cfg, job.hydra_cfg = without_hydra(cfg), OmegaConf.masked_copy(cfg, "hydra")
    _keep_what_is_swept(job.cfg, list(cfg.hydra.overrides.task), cell)
    job.overrides = filter_overrides(list(cfg.hydra.overrides.task))
    job.working_dir, job.task_name = str(Path.cwd()), cfg.hydra.job.name
    if cfg.hydra.output_subdir is not None:
        _save_job(job, folder / cfg.hydra.output_subdir)
    context.callbacks.on_job_start(config=cfg, task_function=_no_task)
    return job


def _keep_what_is_swept(task: DictConfig, words: Sequence[str], cell: Cell) -> None:
    """Leave no range in a saved config that the cell does not sweep, as of a number that was set.

    So the folder of the job is the job: run from there the same is swept.
    """
    if any(word.lstrip("+").startswith("params.") for word in swept(words)):
        return
    axes = {axis.name for axis in cell.space.axes}
    ranges = flatten(cell.config.strategy.space)
    with read_write(task), open_dict(task):
        task.strategy.space = {n: str(v) for n, v in ranges.items() if param_path(n) in axes}


def _no_task(_: DictConfig) -> None:
    """Callbacks are told a job's task function. A cell has none of its own: all run together."""


def _save_job(job: JobReturn, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    parts: dict[str, Any] = {
        "config.yaml": job.cfg,
        "hydra.yaml": job.hydra_cfg,
        "overrides.yaml": OmegaConf.create(list(job.overrides or [])),
    }
    for name, part in parts.items():
        OmegaConf.save(part, folder / name)
