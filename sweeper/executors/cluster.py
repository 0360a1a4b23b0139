"""Start Ray for one command, or attach to a cluster.

A local Ray takes 3 to 6 s to start on two cores. Its workers inherit this process's environment,
which is how they learn where the code and Numba's cache are. Workers of a cluster inherit nothing
from here: they get a runtime_env, with the code uploaded unless `ray job submit` has done so.
"""

import logging
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sweeper.config import RayConfig

ROOT = Path(__file__).resolve().parents[2]
"""The checkout: what workers import `sweeper`, `kernels` and `store` from."""

CONNECT_SECONDS = 3.0

WORKER_VARIABLES = {"NUMBA_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""One worker per core: threads inside a worker would only get in each other's way."""


@dataclass(frozen=True)
class Cluster:
    """A connection to Ray.

    Attributes:
        workers: how many run at a time, one per core unless told otherwise.
        room: how many more to ask for, which wait for nodes that join a cluster.
        dashboard: its URL, or "" without one.
    """

    workers: int
    room: int
    dashboard: str


@contextmanager
def connect(config: RayConfig) -> Iterator[Cluster]:
    """Start Ray or attach to it; at the end shut it down or detach.

    Args:
        config: without an address Ray is started here, unless RAY_ADDRESS is set, as
            `ray job submit` does.

    Raises:
        ValueError: a setting is wrong or nothing answers at the address.
    """
    import ray  # late: a second that inline runs do not spend

    for name, value in (("num_cpus", config.num_cpus), ("workers", config.workers)):
        if value is not None and value < 1:
            raise ValueError(f"ray.{name}: must be >= 1, got {value}")
    address = config.address or os.environ.get("RAY_ADDRESS")
    url = _attach(address, config) if address else _start(config)
    try:
        cores = int(ray.cluster_resources().get("CPU", 0))  # type: ignore[no-untyped-call]
        workers = config.workers or max(1, cores)
        yield Cluster(workers, workers if address and config.workers is None else 0, url)
    finally:
        ray.shutdown()


def _start(config: RayConfig) -> str:
    import ray

    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    spare = {"RAY_prestart_worker_first_driver": "0"}  # Tune's workers never come from that pool
    with _environment({**WORKER_VARIABLES, **spare, "PYTHONPATH": path}):
        context = ray.init(
            address="local",
            num_cpus=config.num_cpus,
            include_dashboard=config.dashboard,
            log_to_driver=False,
            logging_level=logging.ERROR,
        )
    return _url(context.dashboard_url)


def _attach(address: str, config: RayConfig) -> str:
    import ray
    from ray.exceptions import AuthenticationError

    if config.num_cpus is not None:
        raise ValueError(
            f"ray.num_cpus: a cluster has the cores it has, got {config.num_cpus} with "
            f"ray.address={address}; leave one of the two out"
        )
    found = _resolve(address)
    _knock(address, found)
    carried = {k: v for k in ("NUMBA_CACHE_DIR",) if (v := os.environ.get(k))}
    # A strategy of the user's own is found by workers that see this file system.
    carried["PYTHONPATH"] = os.pathsep.join(
        filter(None, [str(Path.cwd()), os.environ.get("PYTHONPATH")])
    )
    runtime_env: dict[str, object] = {"env_vars": {**WORKER_VARIABLES, **carried}}
    if "RAY_JOB_CONFIG_JSON_ENV_VAR" not in os.environ:  # `ray job submit` has uploaded the code
        runtime_env |= {"working_dir": str(ROOT), "excludes": [".venv", ".git", "results"]}
    try:
        context = ray.init(
            address=found, runtime_env=runtime_env, log_to_driver=False, logging_level=logging.ERROR
        )
    except (ConnectionError, RuntimeError, AuthenticationError) as error:
        first = str(error).strip().partition("\n")[0]
        raise ValueError(
            f"ray.address={address}: cannot attach ({first}); RAY_AUTH_MODE and the Ray "
            "version must be the same here and there"
        ) from error
    return _url(context.dashboard_url)


def _resolve(address: str) -> str:
    """The `host:port` an address stands for."""
    if "://" in address:
        raise ValueError(
            f"ray.address: must be auto or host:port, got {address}; Ray Client (ray://) would run "
            "Tune away from this command: start it on a node of the cluster, or with `ray job "
            "submit --working-dir .`"
        )
    if address != "auto":
        return address
    # The only way to learn what "auto" stands for before ray.init, which hangs on a stale address.
    from ray._private.services import canonicalize_bootstrap_address_or_die

    try:
        return str(canonicalize_bootstrap_address_or_die("auto"))
    except ConnectionError as error:
        raise ValueError(
            "ray.address=auto: no Ray cluster runs on this machine; start one with `ray start "
            "--head`, or leave ray.address out"
        ) from error


def _knock(address: str, found: str) -> None:
    """Refuse a dead address now: ray.init takes 80 s to, and ends the process when it does."""
    host, colon, port = found.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"ray.address: must be auto or host:port, got {address}")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_SECONDS).close()
    except OSError as error:
        raise ValueError(
            f"ray.address={address}: nothing answers at {found} ({error.strerror or error}); "
            "is the cluster up, and the port reachable from here?"
        ) from error


def _url(dashboard: str | None) -> str:
    return f"http://{dashboard}" if dashboard else ""


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Set variables of this process for what it starts meanwhile."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
