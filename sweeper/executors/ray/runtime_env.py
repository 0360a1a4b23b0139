"""Runtime environment of our workers: code, environment variables and, if asked, packages."""

import json
import os
from pathlib import Path
from typing import Any

from kernels.jit import cache

ROOT = Path(__file__).resolve().parents[3]
"""The checkout: what workers import `sweeper`, `kernels` and `store` from."""

JOB = "RAY_JOB_CONFIG_JSON_ENV_VAR"
"""Set by `ray job submit` for the command it runs."""

WORKER_VARIABLES = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""One worker per core: threads inside a worker would only get in each other's way."""

LOCKED = {
    "packages": ["-r ${RAY_RUNTIME_ENV_CREATE_WORKING_DIR}/requirements.lock"],
    "uv_pip_install_options": ["--require-hashes"],
}
"""Exactly the packages of the lock, which a node installs once and keeps."""


def in_a_job() -> bool:
    """True when `ray job submit` started this process."""
    return JOB in os.environ


def runtime_env(install: bool) -> dict[str, object]:
    """The environment of the workers of a cluster, which inherit nothing from here.

    A job's own environment has been carried there by `ray job submit`: code and packages are left
    to it, and so are variables that it sets, for Ray takes no field twice.

    Args:
        install: also install requirements.lock there.
    """
    env: dict[str, object] = {}
    job: dict[str, Any] = {}
    if in_a_job():
        job = json.loads(os.environ[JOB]).get("runtime_env") or {}
    else:
        env |= {"working_dir": str(ROOT), "excludes": [".venv", ".git", "results"]}
    if install and not {"uv", "pip", "conda"} & job.keys():
        env["uv"] = LOCKED
    given = job.get("env_vars") or {}
    env["env_vars"] = {
        name: value for name, value in carried_variables().items() if name not in given
    }
    return env


def carried_variables() -> dict[str, str]:
    """Variables for workers that do not inherit those of this process."""
    # A strategy of the user's own is found by workers that see this file system.
    path = os.pathsep.join(filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")]))
    carried = {**WORKER_VARIABLES, "PYTHONPATH": path}
    kept = os.environ.get(cache.VARIABLE)
    if kept and not Path(kept).is_relative_to(ROOT):
        carried[cache.VARIABLE] = kept  # somebody chose it; else each node's copy keeps its own
    return carried
