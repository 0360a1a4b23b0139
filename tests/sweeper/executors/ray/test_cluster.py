"""A cluster of two nodes as docs/cluster.md has it: attached to, submitted to, and half killed."""

import json
import os
import re
import shlex
import subprocess
import urllib.error
import urllib.request

import pytest

from store.records import experiment as experiments
from sweeper.config.schema import RayConfig
from sweeper.executors.ray.cluster import connect
from sweeper.executors.ray.runtime_env import ROOT
from tests.documents import blocks
from tests.sweeper import patient
from tests.sweeper.nodes import Nodes, recipe, wait_until
from tests.sweeper.processes import of_title

pytestmark = pytest.mark.kill


@pytest.fixture(scope="module")
def nodes():
    """The first node of the recipe, with a dashboard, which is up last."""
    nodes = Nodes()
    nodes.start("ray-one", "--include-dashboard=true", f"--dashboard-port={nodes.dashboard}")
    try:
        url = f"http://127.0.0.1:{nodes.dashboard}/api/version"
        wait_until(lambda: fetch(url), 180, "the dashboard")
        yield nodes
    finally:
        nodes.close()


def fetch(url):
    """What a URL answers, or how it refuses; "" when nobody is there."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return str(refusal)
    except OSError:
        return ""


def run(words, folder, environment):
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """The rows of the sweep in one process, with nothing in its way."""
    folder = tmp_path_factory.mktemp("undisturbed")
    patient.prepare(folder)
    patient.hurry(folder)
    words = [*patient.SWEEP, *patient.GRID, "executor=inline"]
    ended = run(words, folder, os.environ | {"PYTHONPATH": str(ROOT)})
    assert ended.returncode == 0, ended.stderr
    return patient.rows(folder / "results")


def start_sweep(nodes, folder):
    """The sweep of the recipe, but with a grid of ours, its store in `folder`."""
    (line,) = [line for line in recipe() if line.startswith("python -m sweeper")]
    keys = [word.partition("=")[0] for word in shlex.split(line)[4:]]
    assert keys == ["+experiment", "executor", "ray.address", "store.root"]
    where = ["executor=ray", f"ray.address={nodes.address}", f"store.root={folder / 'store'}"]
    return subprocess.Popen(
        [*patient.SWEEP, *patient.GRID, *where],
        cwd=folder,
        env=nodes.environment | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


GAUGES = ["best_metric", "runs_done_total", "runs_per_second"]


def gauges(host, port):
    """{worker: runs done} at a node's metrics port, once all of our gauges are there."""
    text = fetch(f"http://{host}:{port}/metrics")
    pattern = r'^ray_sweeper_(\w+){.*worker="([^"]*)"} (\S+)$'
    found = re.findall(pattern, text, re.MULTILINE)
    if sorted({name for name, _, _ in found}) != GAUGES:
        return {}
    return {worker: float(value) for name, worker, value in found if name == "runs_done_total"}


def test_a_node_joins_and_works_it_dies_and_every_row_is_there(nodes, tmp_path, undisturbed):
    store = tmp_path / "store"
    patient.prepare(tmp_path, seconds=1.0)  # a quarter of an hour's worth, but for `hurry`
    process = start_sweep(nodes, tmp_path)

    def until(true, what):
        found = wait_until(lambda: true() or process.poll() is not None, 600, what)
        assert process.poll() is None, process.communicate()
        return found

    try:
        until(lambda: of_title(nodes.running["ray-one"].pid, "ray::Worker"), "the first worker")
        nodes.start("ray-two", f"--metrics-export-port={nodes.second_metrics}")
        of_second = until(lambda: gauges("127.0.0.3", nodes.second_metrics), "work of the second")
        of_first = until(lambda: gauges("127.0.0.2", nodes.metrics), "work of the first")
        nodes.kill("ray-two")
        committed = patient.committed(store)
        until(lambda: patient.committed(store) > committed, "a block after the death")
        patient.hurry(tmp_path)
        out, err = process.communicate(timeout=300)
    finally:
        process.kill()
        nodes.kill("ray-two")
    assert (process.returncode, err) == (0, "")
    assert "work on 1 Ray workers" in out
    assert patient.finished(store).counts["done"] == 1600
    assert patient.rows(store) == undisturbed
    assert (list(of_first), list(of_second)) == (["sma-NASDAQ-00"], ["sma-NASDAQ-01"])
    assert min(*of_first.values(), *of_second.values()) > 0


def test_two_drivers_share_a_cluster_and_each_has_all_of_its_rows(nodes, tmp_path, undisturbed):
    folders = [tmp_path / "one", tmp_path / "two"]
    for folder in folders:
        folder.mkdir()
        patient.prepare(folder)
        patient.hurry(folder)
    drivers = [start_sweep(nodes, folder) for folder in folders]
    try:
        ends = [driver.communicate(timeout=300) for driver in drivers]
    finally:
        for driver in drivers:
            driver.kill()
    assert [driver.returncode for driver in drivers] == [0, 0], ends
    assert [patient.rows(folder / "store") for folder in folders] == [undisturbed] * 2


def submit(nodes, root):
    """The documented command, with a sweep of four; its job ends before it returns."""
    (line,) = [body for note, body in blocks("cluster.md", "bash") if "runs it on one" in note]
    words = shlex.split(line.replace("8265", str(nodes.dashboard)))
    words = words[: words.index("+experiment=demo")]
    words += ["params.fast=5,10", "params.slow=20,30", "executor=ray", "ray.address=auto"]
    return run([*words, *root], ROOT, nodes.environment)


def test_a_job_is_submitted_and_its_rows_are_in_the_shared_store(nodes, tmp_path):
    ended = submit(nodes, [f"store.root={tmp_path / 'store'}"])
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert patient.finished(tmp_path / "store").counts["done"] == 5


SLOW_MERGE = """
from sweeper.run.recorder import Record

def merge_slowly(record, compact=Record.compact):
    if (merging := FILE.with_name("merging")).exists():
        merging.write_text("now")
        time.sleep(300)
    compact(record)

Record.compact = merge_slowly
"""


def submit_patient(nodes, folder, name):
    """The same code without an upload, which would compile its kernels: as on a shared disk."""
    variables = {"PYTHONPATH": f"{ROOT}:{folder}", "RAY_JOB_STOP_WAIT_TIME_S": "60"}
    return subprocess.Popen(
        [
            *("ray", "job", "submit", "--address", f"http://127.0.0.1:{nodes.dashboard}"),
            *("--submission-id", name, "--runtime-env-json", json.dumps({"env_vars": variables})),
            *("--", "python", *patient.SWEEP[1:], *patient.GRID),
            *("executor=ray", "ray.address=auto", f"store.root={folder / 'store'}"),
        ],
        cwd=folder,
        env=nodes.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def stopped(nodes, process, name):
    """The line in which a job says that it was stopped; its log has no other of an error."""
    words = ["ray", "job", "stop", "--address", f"http://127.0.0.1:{nodes.dashboard}", name]
    ended = run(words, ROOT, nodes.environment)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    out, _ = process.communicate(timeout=120)
    assert not re.search("Traceback|Error|SIGTERM received|futures", out), out
    (line,) = [line for line in out.splitlines() if "Stopped by SIGTERM" in line]
    return line


def test_a_stopped_job_says_so_in_one_line_and_goes_on_when_it_is_submitted_again(
    nodes, tmp_path, undisturbed
):
    store, merging = tmp_path / "store", tmp_path / "merging"
    patient.prepare(tmp_path, seconds=0.2)
    (tmp_path / "patience.py").write_text(patient.METRIC + SLOW_MERGE)
    process = submit_patient(nodes, tmp_path, "first")
    wait_until(lambda: patient.committed(store) >= 1 or process.poll() is not None, 240, "a block")
    line = stopped(nodes, process, "first")
    (record,) = experiments.every(store)
    assert record.status == "interrupted"
    assert f"{record.counts['done']:,} of 1,600 runs are kept in {record.id}" in line
    patient.hurry(tmp_path)
    merging.touch()
    process = submit_patient(nodes, tmp_path, "second")
    wait_until(lambda: merging.read_text() or process.poll() is not None, 240, "the merge")
    assert "1,600 of 1,600 runs are kept" in stopped(nodes, process, "second")
    merging.unlink()
    out, _ = submit_patient(nodes, tmp_path, "third").communicate(timeout=240)
    assert "succeeded" in out, out
    assert patient.finished(store).id == record.id
    assert patient.rows(store) == undisturbed


def test_a_job_is_refused_a_store_that_would_vanish(nodes):
    ended = submit(nodes, [])
    assert ended.returncode != 0
    assert "store.root: `ray job submit` runs in a temporary copy" in ended.stdout
    assert "Traceback" not in ended.stdout + ended.stderr


@pytest.mark.parametrize(
    ("mode", "token", "complaint"),
    [
        (None, None, "the cluster asks for a token; set RAY_AUTH_MODE=token"),
        ("disabled", None, "the cluster asks for a token; set RAY_AUTH_MODE=token"),
        ("token", "0" * 64, "the cluster refuses the token; RAY_AUTH_TOKEN"),
        ("token", None, "RAY_AUTH_MODE is token, but there is none"),
    ],
)
def test_who_has_not_the_token_is_told_so_in_one_line(
    nodes, monkeypatch, tmp_path, mode, token, complaint
):
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, value in (("RAY_AUTH_MODE", mode), ("RAY_AUTH_TOKEN", token)):
        monkeypatch.delenv(name, raising=False)
        if value is not None:
            monkeypatch.setenv(name, value)
    where = re.escape(f"ray.address={nodes.address}: ")
    with (
        pytest.raises(ValueError, match=f"^{where}{complaint}") as refusal,
        connect(RayConfig(nodes.address)),
    ):
        pass
    assert "\n" not in str(refusal.value)


def test_a_cluster_found_by_itself_is_given_the_token_of_the_file(nodes, monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("RAY_ADDRESS", nodes.address)
    (tmp_path / ".ray").mkdir()
    (tmp_path / ".ray" / "auth_token").write_text(nodes.environment["RAY_AUTH_TOKEN"])
    with connect(RayConfig("auto")) as cluster:
        assert (cluster.workers, cluster.room) == (1, 1)
        assert cluster.dashboard == f"http://127.0.0.1:{nodes.dashboard}"
