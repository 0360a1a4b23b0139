"""Against the real client, on an SQLite tracking store; MLflow refuses new stores of files."""

import dataclasses
import socket

import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.errors import StoreError
from store.trackers.mlflow import PARENT_TAG, publish
from store.trackers.publication import EXPERIMENT_TAG, RUN_TAG, gather

pytestmark = [
    pytest.mark.slow,
    pytest.mark.filterwarnings("ignore:.*noload.*"),  # MLflow's use of SQLAlchemy
]


@pytest.fixture(scope="module")
def tracking(tmp_path_factory):
    return f"sqlite:///{tmp_path_factory.mktemp('tracking')}/mlflow.db"


@pytest.fixture
def client(tracking, elsewhere):
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=tracking)


def runs(client, project):
    place = client.get_experiment_by_name(project)
    found = client.search_runs([place.experiment_id])
    (parent,) = [run for run in found if PARENT_TAG not in run.data.tags]
    children = {run.data.tags[RUN_TAG]: run for run in found if run is not parent}
    assert len(children) == len(found) - 1
    return parent, children


def test_an_experiment_is_a_parent_and_its_best_are_nested(results, client, tracking, tmp_path):
    publication = gather(results, "latest", 3, tmp_path)
    done = publish(publication, tracking, "first")
    assert (done.runs, done.added) == (3, 3)
    parent, children = runs(client, "first")
    assert done.where == f"first/{parent.info.run_id}"
    assert parent.info.run_name == "averages"
    assert parent.info.status == "FINISHED"
    assert parent.data.metrics == publication.metrics
    assert parent.data.params == publication.params
    assert parent.data.tags[EXPERIMENT_TAG] == publication.id
    assert parent.data.tags["mlflow.note.content"] == "Two averages\n\nTrends last"
    assert parent.data.tags["sweeper.tags"] == "trend, prod"
    artifacts = {file.path: file.file_size for file in client.list_artifacts(parent.info.run_id)}
    assert artifacts == {file.name: file.stat().st_size for file in publication.files}
    assert set(children) == {str(run.number) for run in publication.runs}
    for run in publication.runs:
        child = children[str(run.number)]
        assert child.data.tags[PARENT_TAG] == parent.info.run_id
        assert child.data.metrics == run.metrics
        assert {name: float(value) for name, value in child.data.params.items()} == run.params
        assert child.info.status == "FINISHED"


def test_publishing_again_writes_nothing_twice(results, client, tracking, tmp_path):
    small, large = (gather(results, "latest", top, tmp_path) for top in (1, 2))
    first = publish(small, tracking, "again")
    edited = dataclasses.replace(large, name="renamed", note="Other words")
    second = publish(edited, tracking, "again")
    assert first.where == second.where
    assert (second.runs, second.added) == (2, 1)
    assert publish(edited, tracking, "again").added == 0
    parent, children = runs(client, "again")
    assert len(children) == 2
    assert parent.info.run_name == "renamed"
    assert parent.data.tags["mlflow.note.content"] == "Other words"
    for run in (parent, *children.values()):
        assert len(client.get_metric_history(run.info.run_id, "seconds")) <= 1
        assert len(client.get_metric_history(run.info.run_id, "sharpe")) <= 1


def test_what_was_cut_off_is_completed(results, client, tracking, tmp_path, monkeypatch):
    publication = gather(results, "latest", 2, tmp_path)
    missing = dataclasses.replace(publication, files=(tmp_path / "gone.html",))
    with pytest.raises(StoreError, match=r"^mlflow: sqlite:.*gone\.html"):
        publish(missing, tracking, "cut")
    assert runs(client, "cut")[0].info.status == "RUNNING"
    assert publish(publication, tracking, "cut").added == 0
    assert runs(client, "cut")[0].info.status == "FINISHED"


@pytest.mark.parametrize(
    ("status", "shown"), [("running", "RUNNING"), ("interrupted", "KILLED"), ("failed", "FAILED")]
)
def test_the_status_is_that_of_the_sweep(status, shown, results, client, tracking, tmp_path):
    publication = dataclasses.replace(gather(results, "latest", 1, tmp_path), status=status)
    publish(publication, tracking, status)
    assert runs(client, status)[0].info.status == shown


@pytest.mark.parametrize("scheme", ["http", "postgresql"])
def test_a_server_that_is_not_there_is_one_line(scheme, results, elsewhere):
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        uri = f"{scheme}://127.0.0.1:{taken.getsockname()[1]}"
        words = ["publish", "mlflow", "--to", uri, "--root", str(results.root)]
        ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"mlflow: {uri}: ")
    assert "refused" in line
    assert line.endswith("name another tracking store with --to")


def test_a_uri_that_mlflow_does_not_know_is_one_line(results, elsewhere):
    words = ["publish", "mlflow", "--to", "nonsense://x", "--root", str(results.root)]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    assert ended.stderr.startswith("mlflow: nonsense://x: ")
    assert ended.stderr.count("\n") == 1


def test_the_verb_says_what_is_there(results, tracking, client):
    words = ["publish", "mlflow", "--top", "1", "--to", tracking, "--project", "verb"]
    ended = CliRunner().invoke(app, [*words, "--root", str(results.root)])
    assert ended.exit_code == 0, ended.output
    parent, _ = runs(client, "verb")
    (experiment,) = results.experiments()
    expected = f"{experiment.id} with 1 runs, 1 of them new: verb/{parent.info.run_id}"
    assert ended.stdout.strip() == expected
