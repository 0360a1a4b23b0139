"""Experiments in MLflow: a parent run for an experiment, a nested run for each of its best."""

import os
import socket
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from store.errors import StoreError, one_line
from store.optional_dependencies import extra
from store.trackers.publication import (
    EXPERIMENT_TAG,
    PROJECT,
    RUN_TAG,
    Publication,
    Published,
    PublishedRun,
)

PACKAGE = "mlflow-skinny"
PARENT_TAG = "mlflow.parentRunId"
LONGEST = 5000
"""Characters of a tag or parameter that every tracking server takes."""

_STATUS = {
    "done": "FINISHED",
    "failed": "FAILED",
    "interrupted": "KILLED",
    "running": "RUNNING",
}

# MLflow's own are 120 seconds and 7 retries, a quarter of an hour for a server that is not there.
_PATIENCE = {"MLFLOW_HTTP_REQUEST_TIMEOUT": "20", "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1"}
_DATABASES = {"postgresql": 5432, "mysql": 3306, "mssql": 1433}


def publish(publication: Publication, to: str | None = None, project: str = PROJECT) -> Published:
    """Write an experiment to an MLflow tracking store, or bring what is there up to date.

    What was published before is found by its tag `sweeper.experiment` and written again: runs that
    are not there yet are added, none is written twice, and none is taken away. The parent run has
    its last status only when all the rest is there.

    Args:
        publication: what to write.
        to: tracking URI, such as `http://localhost:5000` or `sqlite:///mlflow.db`; None is what
            MLFLOW_TRACKING_URI says, or MLflow's own default.
        project: the MLflow experiment, made when missing.

    Raises:
        StoreError: MLflow is not installed, or does not answer, or refuses.
    """
    mlflow = extra("mlflow", PACKAGE)
    for name, value in _PATIENCE.items():
        os.environ.setdefault(name, value)
    uri = to or mlflow.get_tracking_uri()
    try:
        _knock(uri)
        return _write(mlflow.MlflowClient(tracking_uri=uri), publication, project)
    except (mlflow.exceptions.MlflowException, OSError) as error:
        raise StoreError(
            f"mlflow: {uri}: {one_line(_reason(error))}; name another tracking store with --to"
        ) from error


def _knock(uri: str) -> None:
    """Raise OSError where a database does not answer: MLflow would try for minutes."""
    address = urlsplit(uri)
    port = address.port or _DATABASES.get(address.scheme.partition("+")[0])
    if address.hostname and port and not address.scheme.startswith("http"):
        socket.create_connection((address.hostname, port), timeout=10).close()


def _reason(error: BaseException) -> BaseException:
    """System error that MLflow wraps in a page of its own."""
    cause, step = error, error.__cause__ or error.__context__
    while step:
        cause = step if isinstance(step, OSError) else cause
        step = step.__cause__ or step.__context__
    return cause


def _write(client: Any, publication: Publication, project: str) -> Published:
    place = _place(client, project)
    runs = _runs(client, place, f"tags.`{EXPERIMENT_TAG}` = '{publication.id}'")
    parents = [run for run in runs if PARENT_TAG not in run.data.tags]
    parent = parents[0].info.run_id if parents else _start(client, place, publication)
    children = {run.data.tags[RUN_TAG]: run.info.run_id for run in runs if run not in parents}
    _log(client, parent, publication.params, publication.metrics, _tags(publication), publication)
    for run in publication.runs:
        _write_run(client, place, parent, children.get(str(run.number)), run, publication)
    for file in publication.files:
        client.log_artifact(parent, str(file))
    client.set_terminated(parent, _STATUS[publication.status], _milliseconds(publication))
    added = sum(str(run.number) not in children for run in publication.runs)
    return Published(f"{project}/{parent}", len(publication.runs), added)


def _place(client: Any, project: str) -> str:
    """The id of the MLflow experiment that is called so."""
    experiment = client.get_experiment_by_name(project)
    return str(experiment.experiment_id if experiment else client.create_experiment(project))


def _runs(client: Any, place: str, where: str) -> list[Any]:
    runs, token = [], None
    while True:
        page = client.search_runs([place], filter_string=where, page_token=token)
        runs += page
        if not (token := page.token):
            return runs


def _start(client: Any, place: str, publication: Publication) -> str:
    began = _milliseconds(publication)
    tags = {EXPERIMENT_TAG: publication.id}
    run = client.create_run(place, start_time=began, tags=tags, run_name=publication.name)
    return str(run.info.run_id)


def _write_run(
    client: Any,
    place: str,
    parent: str,
    run_id: str | None,
    run: PublishedRun,
    publication: Publication,
) -> None:
    tags = {PARENT_TAG: parent, **run.tags}
    child = run_id
    if child is None:
        began = _milliseconds(publication)
        created = client.create_run(place, start_time=began, tags=tags, run_name=run.name)
        child = str(created.info.run_id)
    params = {name: f"{value:.17g}" for name, value in run.params.items()}
    _log(client, child, params, run.metrics, tags, publication)
    client.set_terminated(child, "FINISHED", _milliseconds(publication))


def _log(
    client: Any,
    run: str,
    params: Mapping[str, str],
    metrics: Mapping[str, float],
    tags: Mapping[str, str],
    publication: Publication,
) -> None:
    """Write a run's values; the same metric at the same time is one point, however often."""
    entities = extra("mlflow.entities", PACKAGE)
    when = _milliseconds(publication)
    client.log_batch(
        run,
        metrics=[entities.Metric(name, value, when, 0) for name, value in metrics.items()],
        params=[entities.Param(name, value[:LONGEST]) for name, value in params.items()],
        tags=[entities.RunTag(name, value) for name, value in tags.items()],
    )


def _tags(publication: Publication) -> dict[str, str]:
    return {
        **publication.tags,
        "mlflow.note.content": publication.note[:LONGEST],
        "sweeper.tags": ", ".join(publication.labels)[:LONGEST],
        "mlflow.runName": publication.name,
    }


def _milliseconds(publication: Publication) -> int:
    return round(publication.changed.timestamp() * 1000)
