"""Hydra's multirun: overrides in, cells out, each cell one job for callbacks and output folders."""

import itertools
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hydra.core.hydra_config import HydraConfig
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import Override
from hydra.core.utils import JobReturn, JobStatus, configure_log, filter_overrides
from hydra.types import HydraContext
from omegaconf import DictConfig, OmegaConf, open_dict, read_write

from sweeper.cells import SETTINGS, Cell, build_cell, flatten
from sweeper.config import typed
from sweeper.grammar import is_numeric_sweep
from sweeper.running import sweep_cells


@dataclass(frozen=True)
class Request:
    """A multirun's overrides, sorted by what they ask for.

    Attributes:
        numbers: sweeps of numbers in `params`, `risk` and `costs`: never composed per point.
        choices: for every other sweep, its `key=value` texts: composed, all combinations.
        fixed: overrides with one value.
    """

    numbers: tuple[Override, ...]
    choices: tuple[tuple[str, ...], ...]
    fixed: tuple[str, ...]

    def pinned(self) -> set[str]:
        """Config paths that are set to one value."""
        return {text.lstrip("+").partition("=")[0] for text in self.fixed}


def parse(overrides: Sequence[str], parser: OverridesParser) -> Request:
    """Sort overrides; of several for one key the last one counts, as on any command line."""
    last = {_path(override): override for override in parser.parse_overrides(list(overrides))}
    numbers, choices, fixed = [], [], []
    for path, override in last.items():
        vectorised = path.startswith("params.") or path in SETTINGS
        if not override.is_sweep_override():
            fixed.append(str(override.input_line))
        elif vectorised and is_numeric_sweep(override):
            numbers.append(override)
        elif override.is_discrete_sweep():
            element = override.get_key_element()
            choices.append(tuple(f"{element}={text}" for text in override.sweep_string_iterator()))
        else:
            raise ValueError(
                f"{path}: a range of numbers is swept only under params, risk and costs, got "
                f"{override.input_line!r}; list the values instead"
            )
    return Request(tuple(numbers), tuple(choices), tuple(fixed))


def _path(override: Override) -> str:
    return override.get_key_element().lstrip("+~")


def multirun(context: HydraContext, config: DictConfig, overrides: list[str]) -> list[JobReturn]:
    """Run the experiment that the overrides describe; one JobReturn per cell."""
    request = parse(overrides, OverridesParser.create(config_loader=context.config_loader))
    composed = list(_compose(context, config, request))
    cells = [_cell(cfg, request, choice) for cfg, choice in composed]
    jobs: list[JobReturn] = []
    command = ["python", "-m", "sweeper", *sys.argv[1:]]
    sweep_cells(cells, command, _jobs(context, config, [cfg for cfg, _ in composed], jobs))
    return jobs


@contextmanager
def _jobs(
    context: HydraContext, config: DictConfig, composed: list[DictConfig], jobs: list[JobReturn]
) -> Iterator[None]:
    """What Hydra does around jobs: `multirun.yaml`, a folder and two callbacks for each."""
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


def _compose(
    context: HydraContext, config: DictConfig, request: Request
) -> Iterator[tuple[DictConfig, tuple[str, ...]]]:
    """One composed config per combination of choices, numbered as Hydra numbers jobs."""
    for number, choice in enumerate(itertools.product(*request.choices)):
        texts = [*request.fixed, *choice]
        cfg = context.config_loader.load_sweep_config(config, texts)
        with read_write(cfg.hydra), open_dict(cfg.hydra):
            cfg.hydra.job.id, cfg.hydra.job.num = str(number), number
        yield cfg, choice


def _cell(composed: DictConfig, request: Request, choice: tuple[str, ...]) -> Cell:
    task = _without_hydra(composed)
    cell = build_cell(typed(task), request.numbers, choice, request.pinned())
    for axis in cell.space.axes:
        _refuse_dependants(task, axis.name)
    return cell


def _without_hydra(composed: DictConfig) -> DictConfig:
    task = composed.copy()
    with read_write(task), open_dict(task):
        del task["hydra"]
    return task


def _refuse_dependants(task: DictConfig, path: str) -> None:
    """A swept number is never composed in, so nothing may be interpolated from it."""
    seen = []
    for value in (1.0, 2.0):
        trial = task.copy()
        OmegaConf.update(trial, path, value, force_add=True)
        plain = OmegaConf.to_container(trial, resolve=True)
        assert isinstance(plain, dict)
        seen.append(flatten({str(key): value for key, value in plain.items()}))
    moved = [other for other in seen[0] if other != path and seen[0][other] != seen[1][other]]
    if moved:
        raise ValueError(
            f"{moved[0]}: is interpolated from {path}, which is swept without composing again; "
            f"sweep {moved[0]} too, or set it to a number"
        )


def _start_job(context: HydraContext, cfg: DictConfig) -> JobReturn:
    """What Hydra does before a job: its output folder with `.hydra/`, then the callback."""
    job = JobReturn()
    with read_write(cfg.hydra.runtime), open_dict(cfg.hydra.runtime):
        folder = Path(cfg.hydra.sweep.dir) / str(cfg.hydra.sweep.subdir)
        cfg.hydra.runtime.output_dir = str(folder.absolute())
    HydraConfig.instance().set_config(cfg)
    job.cfg, job.hydra_cfg = _without_hydra(cfg), OmegaConf.masked_copy(cfg, "hydra")
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
