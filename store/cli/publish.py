"""The verb `publish`: an experiment for the tracker that a team looks at."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from store.cli.options import RESULTS, Experiment, Json, Root, answer_lines, open_results


class Tracker(StrEnum):
    """Where to."""

    MLFLOW = "mlflow"
    WANDB = "wandb"


def publish(
    tracker: Annotated[Tracker, typer.Argument(help="mlflow, or wandb for Weights & Biases.")],
    ref: Experiment = "latest",
    top: Annotated[
        int, typer.Option(min=1, max=1000, help="How many of its best runs go with it.")
    ] = 20,
    to: Annotated[
        str | None,
        typer.Option(metavar="URI", help="Tracking URI or server; the tracker's own if left out."),
    ] = None,
    project: Annotated[
        str, typer.Option(help="MLflow experiment, or W&B [ENTITY/]PROJECT.")
    ] = "sweeper",
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Write an experiment, its report and its best runs to MLflow or Weights & Biases."""
    import tempfile
    from dataclasses import asdict

    from store.trackers import mlflow, wandb
    from store.trackers.publication import gather

    write = {Tracker.MLFLOW: mlflow.publish, Tracker.WANDB: wandb.publish}[tracker]
    with tempfile.TemporaryDirectory() as folder:
        publication = gather(open_results(root), ref, top, Path(folder))
        done = write(publication, to, project)
    new = "" if done.added is None else f", {done.added} of them new"
    line = f"{publication.id} with {done.runs} runs{new}: {done.where}"
    answer_lines({"experiment": publication.id, **asdict(done)}, json, [line])
