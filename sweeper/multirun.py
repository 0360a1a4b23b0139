"""Hydra's multirun: overrides in, cells out, each cell one job for callbacks and output folders."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import JobReturn, JobStatus, configure_log, filter_overrides
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from sweeper.config.command_line import typed_words
from sweeper.plan.request import Composer, request_cells, without_hydra
from sweeper.run.driver import sweep_cells
from sweeper.terminal.watcher import shown_as


def multirun(context: HydraContext, config: DictConfig, overrides: list[str]) -> list[JobReturn]:
    """Run the experiment that the overrides describe; one JobReturn per cell."""
    loader = context.config_loader

    def compose(texts: Sequence[str]) -> DictConfig:
        return loader.load_sweep_config(config, list(texts))

    always: Any = OmegaConf.to_container(config.hydra.overrides.hydra)  # unresolved, as typed
    composer = Composer.of(loader, compose, config.hydra.job.config_name, always)
    found = list(request_cells(overrides, composer))
    for number, (composed, _) in enumerate(found):
        with read_write(composed.hydra), open_dict(composed.hydra):
            composed.hydra.job.id, composed.hydra.job.num = str(number), number
    jobs: list[JobReturn] = []
    command = ["python", "-m", "sweeper", *typed_words()]
    around = _jobs(context, config, [composed for composed, _ in found], jobs)
    cells = [cell for _, cell in found]
    sweep_cells(cells, command, shown_as(cells[0].config.output), around)
    return jobs


@contextmanager
def _jobs(
    context: HydraContext, config: DictConfig, composed: list[DictConfig], jobs: list[JobReturn]
) -> Iterator[None]:
    """Jobs as Hydra makes them: `multirun.yaml`, a folder and two callbacks for each."""
    folder = Path(config.hydra.sweep.dir)
    folder.mkdir(parents=True, exist_ok=True)
    OmegaConf.save(config, folder / "multirun.yaml")
    jobs += [_start_job(context, cfg) for cfg in composed]
    configure_log(config.hydra.hydra_logging, config.hydra.verbose)
    error: BaseException | None = None
    try:
        yield
    except BaseException as raised:
        error = raised
        raise
    finally:
        for cfg, job in zip(composed, jobs, strict=True):
            job.return_value = error
            job.status = JobStatus.COMPLETED if error is None else JobStatus.FAILED
            context.callbacks.on_job_end(config=cfg, job_return=job)


def _start_job(context: HydraContext, cfg: DictConfig) -> JobReturn:
    """Start of a job as Hydra makes it: the output folder with `.hydra/`, then the callback."""
    job = JobReturn()
    with read_write(cfg.hydra.runtime), open_dict(cfg.hydra.runtime):
        folder = Path(cfg.hydra.sweep.dir) / str(cfg.hydra.sweep.subdir)
        cfg.hydra.runtime.output_dir = str(folder.absolute())
    HydraConfig.instance().set_config(cfg)
    job.cfg, job.hydra_cfg = without_hydra(cfg), OmegaConf.masked_copy(cfg, "hydra")
    job.overrides = filter_overrides(list(cfg.hydra.overrides.task))
    job.working_dir, job.task_name = str(Path.cwd()), cfg.hydra.job.name
    if cfg.hydra.output_subdir is not None:
        _save_job(job, folder / cfg.hydra.output_subdir)
    context.callbacks.on_job_start(config=cfg, task_function=_no_task)
    return job


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
