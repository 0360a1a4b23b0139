"""Experiments in Weights & Biases: a group of runs, one for the experiment, the rest its best."""

from functools import partial
from typing import Any

from store.errors import StoreError, one_line
from store.optional_dependencies import extra
from store.trackers.publication import PROJECT, Publication, Published, PublishedRun

PACKAGE = "wandb"
SECONDS = 20.0
"""How long a server may take to answer."""


def publish(publication: Publication, to: str | None = None, project: str = PROJECT) -> Published:
    """Write an experiment to Weights & Biases; the client's own login and settings hold.

    Ids are made of the experiment's, so publishing again updates what the server has. With
    WANDB_MODE=offline everything is written below the folder `wandb` (or WANDB_DIR), for
    `wandb sync`.

    Args:
        publication: what to write.
        to: address of the server; None is what WANDB_BASE_URL says, or the client's default.
        project: `project` or `entity/project`.

    Raises:
        StoreError: wandb is not installed or not logged in, or the server does not answer or
            refuses.
    """
    wandb = extra("wandb", PACKAGE)
    entity, _, own = project.rpartition("/")
    try:
        start = partial(
            wandb.init,
            entity=entity or None,
            project=own,
            group=publication.id,
            resume="allow",
            reinit="create_new",
            settings=_settings(wandb, to),
        )
        where = _write_experiment(wandb, start, publication)
        for run in publication.runs:
            _write_run(start, f"{publication.id}-{run.number}", run)
    except (wandb.Error, ValueError) as error:
        raise StoreError(
            f"wandb: {one_line(error)}; log in, or set WANDB_MODE=offline and sync later"
        ) from error
    return Published(where, len(publication.runs), None)


def _write_experiment(wandb: Any, start: Any, publication: Publication) -> str:
    with start(
        id=publication.id,
        name=publication.name,
        job_type="experiment",
        notes=publication.note,
        tags=list(publication.labels),
    ) as run:
        config = {**publication.params, **publication.tags, "status": publication.status}
        run.config.update(config, allow_val_change=True)
        run.summary.update(publication.metrics)
        report = wandb.Artifact(f"report-{publication.id}", type="report")
        for file in publication.files:
            report.add_file(str(file))
        run.log_artifact(report)
        return str(run.settings.sync_dir if run.offline else run.url)


def _write_run(start: Any, run_id: str, run: PublishedRun) -> None:
    tags = [run.tags["sweeper.strategy"], run.tags["sweeper.symbol"]]
    # The client keeps the notes of the run before where there are none.
    with start(id=run_id, name=run.name, job_type="run", notes="", tags=tags) as started:
        started.config.update({**run.params, **run.tags}, allow_val_change=True)
        started.summary.update(run.metrics)


def _settings(wandb: Any, to: str | None) -> object:
    """Nothing of this process, this machine or this folder goes along with the numbers."""
    address = {} if to is None else {"base_url": to}
    return wandb.Settings(
        **address,
        silent=True,
        host="",
        console="off",
        disable_git=True,
        save_code=False,
        x_disable_stats=True,
        x_disable_meta=True,
        x_save_requirements=False,
        init_timeout=SECONDS,
    )
