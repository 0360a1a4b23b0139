"""What workers of a cluster are given, in a job or not; and the files of docs/cluster."""

import json
import re
import shlex
from pathlib import Path

import click
import pytest
import yaml
from ray.autoscaler._private.util import prepare_config, validate_config
from ray.runtime_env import RuntimeEnv
from ray.scripts.scripts import cli

from sweeper.config.schema import RayConfig
from sweeper.executors.ray.runtime_env import JOB, LOCKED, ROOT, runtime_env
from sweeper.executors.ray.worker import Worker
from tests.documents import blocks
from tests.sweeper.cli import run_cli

DOCS = ROOT / "docs" / "cluster"


@pytest.fixture
def in_a_job(monkeypatch):
    """Make this process one that `ray job submit` started, with a runtime environment."""
    return lambda **env: monkeypatch.setenv(JOB, json.dumps({"runtime_env": env, "metadata": {}}))


def test_an_attached_cluster_gets_the_checkout_and_one_thread_per_worker(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    env = runtime_env(install=False)
    assert env["working_dir"] == str(ROOT)
    assert env["env_vars"]["PYTHONPATH"] == f"{tmp_path}:/elsewhere"
    assert env["env_vars"]["NUMBA_NUM_THREADS"] == "1"
    assert "uv" not in env
    RuntimeEnv(**env)


def test_a_cache_of_kernels_is_carried_if_somebody_chose_it(monkeypatch, tmp_path):
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(ROOT / ".cache" / "numba" / "0123456789abcdef"))
    assert "NUMBA_CACHE_DIR" not in runtime_env(install=False)["env_vars"]
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "0123456789abcdef"))
    assert runtime_env(install=False)["env_vars"]["NUMBA_CACHE_DIR"].startswith(str(tmp_path))


def test_a_job_keeps_its_code_its_packages_and_its_variables(in_a_job):
    in_a_job(env_vars={"PYTHONPATH": "/theirs"}, pip=["x"])
    env = runtime_env(install=True)
    assert env.keys() == {"env_vars"}
    assert env["env_vars"].keys() >= {"OMP_NUM_THREADS", "NUMBA_NUM_THREADS"}
    assert "PYTHONPATH" not in env["env_vars"]


def test_the_lock_is_installed_when_asked_for(in_a_job):
    assert runtime_env(install=True)["uv"] == LOCKED
    in_a_job()
    assert runtime_env(install=True)["uv"] == LOCKED
    assert (ROOT / "requirements.lock").exists()
    assert RayConfig().install is False


@pytest.mark.parametrize("root", ["results", "./results", "../results"])
def test_a_job_is_refused_a_relative_store(in_a_job, monkeypatch, capsys, tmp_path, root):
    monkeypatch.chdir(tmp_path)
    in_a_job()
    ended = run_cli(monkeypatch, capsys, "-m", "params.fast=5,10", f"store.root={root}")
    assert ended.code == 2
    assert ended.err.startswith("store.root: `ray job submit` runs in a temporary copy of the")
    assert f"got {root}; give an absolute path" in ended.err
    assert ended.err.count("\n") == 1


def test_a_job_may_write_to_an_absolute_store(in_a_job, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    in_a_job()
    words = ["-m", "params.fast=5,10", "executor=inline", f"store.root={tmp_path / 'results'}"]
    assert run_cli(monkeypatch, capsys, *words).code == 0


def test_a_worker_that_does_not_see_the_store_refuses_to_work(tmp_path):
    worker = object.__new__(Worker)
    with pytest.raises(ValueError, match=r"^store.root: node \S+ does not see \S+; give a path"):
        worker.setup(
            {"shared": str(tmp_path / "results" / ".tune-0"), "dispatcher": "", "mode": ""}
        )


def test_the_file_for_jobs_is_what_install_asks_for():
    assert yaml.safe_load((DOCS / "runtime-env.yaml").read_text()) == {"uv": LOCKED}


def test_ray_up_takes_the_file(capsys):
    config = yaml.safe_load((DOCS / "ray-up.yaml").read_text())
    validate_config(prepare_config(config))
    assert len(config["provider"]["worker_ips"]) == config["max_workers"]
    for there, here in config["file_mounts"].items():
        assert here.startswith("~/.ray/") or (ROOT / here).exists(), there
    for line in [*config["head_start_ray_commands"], *config["worker_start_ray_commands"]]:
        check_ray(line)
        assert "ray start" not in line or "RAY_AUTH_MODE=token" in line


def locked(package):
    """The version of a package in the lock."""
    lock = (ROOT / "requirements.lock").read_text()
    return re.search(rf"^{package}==(\S+)", lock, re.MULTILINE)[1]


def test_versions_are_those_of_the_lock():
    for path in (*DOCS.iterdir(), ROOT / "docs" / "cluster.md"):
        versions = re.findall(r"(?:sweeper:|rayVersion: |Ray )(\d+\.\d+\.\d+)", path.read_text())
        assert set(versions) <= {locked("ray")}, path


def containers(found):
    """All containers of a Kubernetes object."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from value if key == "containers" else containers(value)
    elif isinstance(found, list):
        for value in found:
            yield from containers(value)


def test_the_rayjob_is_one_sweep_in_one_store_behind_a_token():
    job = yaml.safe_load((DOCS / "rayjob.yaml").read_text())
    assert (job["apiVersion"], job["kind"]) == ("ray.io/v1", "RayJob")
    cluster = job["spec"]["rayClusterSpec"]
    assert cluster["authOptions"] == {"mode": "token"}
    words = shlex.split(job["spec"]["entrypoint"])
    assert words[:4] == ["python", "-m", "sweeper", "-m"]
    (root,) = [word.partition("=")[2] for word in words if word.startswith("store.root=")]
    found = list(containers(cluster))
    assert len(found) == 2
    assert all({"name": "results", "mountPath": root} in one["volumeMounts"] for one in found)
    assert {one["image"] for one in found} == {f"sweeper:{locked('ray')}"}


def check_ray(line):
    """A shell line's `ray` command and its options exist."""
    words = shlex.split(line.removesuffix("&"))
    place = next((k for k, word in enumerate(words) if Path(word).name == "ray"), None)
    if place is None:
        return
    words = words[place + 1 :]
    command = cli.commands[words[0]]
    words = words[1:]
    if isinstance(command, click.Group):
        command, words = command.commands[words[0]], words[1:]
    known = {option for param in command.params for option in param.opts}
    given = words[: words.index("--")] if "--" in words else words
    for word in given:
        if word.startswith("--"):
            assert word.partition("=")[0] in known, line


def test_the_ray_commands_of_the_document_exist():
    lines = [line for _, body in blocks("cluster.md", "bash") for line in body.splitlines()]
    for line in lines:
        check_ray(line)
    assert sum("ray " in line for line in lines) >= 6
