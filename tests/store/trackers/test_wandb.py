"""Against the real client, offline: what it has written for `wandb sync` is read back."""

import json
import socket

import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.trackers import wandb as tracker
from store.trackers.publication import gather
from tests.store.trackers.wandb_files import records

pytestmark = pytest.mark.slow

ADDRESSES = ("WANDB_BASE_URL", "WANDB_API_KEY", "WANDB_PROJECT", "WANDB_ENTITY", "WANDB_DIR")


@pytest.fixture
def offline(elsewhere, monkeypatch):
    """The client writes below an empty folder, and knows nobody's login."""
    import wandb

    for name in ADDRESSES:
        monkeypatch.delenv(name, raising=False)
    for name in ("HOME", "NETRC", "WANDB_DATA_DIR", "WANDB_CACHE_DIR", "WANDB_CONFIG_DIR"):
        monkeypatch.setenv(name, str(elsewhere / name.lower()))
    monkeypatch.setenv("WANDB_MODE", "offline")
    yield elsewhere
    wandb.teardown()  # its own process, and what it has read of the environment


def written(folder):
    """By run id: what is said of each run, once the client's own process has written it all."""
    import wandb

    wandb.teardown()
    found = {}
    for path in sorted(folder.glob("wandb/offline-run-*/*.wandb")):
        by_kind = {}
        for record in records(path):
            for kind, value in record.items():
                by_kind.setdefault(kind, []).append(value)
        found[by_kind["run"][0]["runId"]] = by_kind
    return found


def values(parts):
    updates = [update for part in parts for update in part.get("update", []) if "key" in update]
    found = {update["key"]: json.loads(update["valueJson"]) for update in updates}
    return {name: value for name, value in found.items() if not name.startswith("_")}


def test_an_experiment_is_a_group_of_runs(results, offline):
    publication = gather(results, "latest", 2, offline)
    done = tracker.publish(publication, project="team/sweeps")
    assert (done.runs, done.added) == (2, None)
    found = written(offline)
    names = [f"{publication.id}-{run.number}" for run in publication.runs]
    assert set(found) == {publication.id, *names}
    assert done.where.endswith(publication.id)
    for record in (kinds["run"][0] for kinds in found.values()):
        assert record["runGroup"] == publication.id
        assert (record["entity"], record["project"]) == ("team", "sweeps")
        assert record["resume"] is True  # a second time goes on with the same run
    parent = found[publication.id]
    about = parent["run"][0]
    assert (about["displayName"], about["notes"]) == ("averages", "Two averages\n\nTrends last")
    assert set(about["tags"]) == {"trend", "prod"}
    assert about["jobType"] == "experiment"
    assert values(parent["summary"]) == pytest.approx(publication.metrics)
    assert values(parent["config"]) == {
        **publication.params,
        **publication.tags,
        "status": "done",
    }
    (artifact,) = parent["artifact"]
    assert artifact["type"] == "report"
    sizes = {one["path"]: int(one["size"]) for one in artifact["manifest"]["contents"]}
    assert sizes == {file.name: file.stat().st_size for file in publication.files}
    for name, run in zip(names, publication.runs, strict=True):
        assert found[name]["run"][0]["displayName"] == run.name
        assert "notes" not in found[name]["run"][0]
        assert values(found[name]["summary"]) == pytest.approx(run.metrics)
        assert values(found[name]["config"]) == {**run.params, **run.tags}


def test_nothing_of_this_machine_goes_along(results, offline):
    tracker.publish(gather(results, "latest", 1, offline))
    for path in offline.glob("wandb/offline-run-*/*.wandb"):
        content = path.read_bytes()
        for word in (b"requirements.txt", b"wandb-metadata.json", b"diff.patch"):
            assert word not in content
    for kinds in written(offline).values():
        assert "host" not in kinds["run"][0]
        assert not {"files", "stats", "output", "outputRaw"} & kinds.keys()


def test_the_verb_names_the_folder(results, offline):
    words = ["publish", "wandb", "--top", "1", "--root", str(results.root)]
    ended = CliRunner().invoke(app, [*words, "--json"])
    assert ended.exit_code == 0, ended.output
    answer = json.loads(ended.stdout[ended.stdout.index("{") :])
    assert (answer["runs"], answer["added"]) == (1, None)
    assert answer["where"].startswith(str(offline))


def test_nobody_logged_in_is_one_line(results, offline, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "online")
    words = ["publish", "wandb", "--to", "http://127.0.0.1:9", "--root", str(results.root)]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    line = ended.stderr.splitlines()[-1]
    assert line.startswith("wandb: No API key configured")
    assert line.endswith("log in, or set WANDB_MODE=offline and sync later")


def test_a_server_that_is_not_there_is_one_line(results, offline, monkeypatch):
    monkeypatch.setenv("WANDB_MODE", "online")
    monkeypatch.setenv("WANDB_API_KEY", "0" * 40)
    monkeypatch.setattr(tracker, "SECONDS", 1.0)
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        uri = f"http://127.0.0.1:{taken.getsockname()[1]}"
        words = ["publish", "wandb", "--to", uri, "--root", str(results.root)]
        ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    line = ended.stderr.splitlines()[-1]
    assert line.startswith("wandb: ")
    assert "refused" in line


def test_an_address_that_is_none_is_refused(results, offline):
    words = ["publish", "wandb", "--to", "nowhere", "--root", str(results.root)]
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    assert "base_url" in ended.stderr
