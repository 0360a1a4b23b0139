"""Start Ray for one command, attach to a cluster, or use the Ray that is up in this process.

A local Ray takes 3 to 6 s to start on two cores. Its workers inherit this process's environment,
which is how they learn where the code and Numba's cache are, and all its ports are those of
localhost. Workers of a cluster inherit nothing from here: they get a runtime_env.
"""

import atexit
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from store.errors import one_line
from sweeper.config.schema import RayConfig
from sweeper.executors import ClusterLost, HeadLost, signals
from sweeper.executors.ray import auth, scratch
from sweeper.executors.ray.discovery import KEY, VARIABLE, knock, resolve
from sweeper.executors.ray.guest import Host, turn
from sweeper.executors.ray.needs import Asked, Needs, check_numbers
from sweeper.executors.ray.runtime_env import ROOT, WORKER_VARIABLES, in_a_job, runtime_env

_LOCAL_VARIABLES = {
    "RAY_prestart_worker_first_driver": "0",  # it would only take longer to start
    "RAY_gcs_rpc_server_reconnect_timeout_s": "10",  # here a GCS that died stays dead; Ray: 60 s
}

JOB_NAME = "job_name"
"""Of a job's metadata: what Ray Client and other tools put a job's name under."""


@dataclass(frozen=True)
class Cluster:
    """A connection to Ray.

    Attributes:
        workers: how many run at a time, one per core unless told otherwise.
        room: how many more to ask for, which wait for nodes that join a cluster.
        dashboard: its URL, with the token that it asks for when Ray was started here; or "".
        inherits: whether workers have the environment of this process: Ray was started here.
        variables: for workers of a Ray that was up in this process; None elsewhere.
        needs: of a worker, which were asked for.
    """

    workers: int
    room: int
    dashboard: str
    inherits: bool
    variables: Mapping[str, str] | None = None
    needs: Needs = field(default_factory=Needs)


def _say_nothing(_: str) -> None:
    """For callers that show nothing."""


@contextmanager
def connect(
    config: RayConfig,
    say: Callable[[str], None] = _say_nothing,
    check: Callable[[], None] = lambda: None,
    name: str | None = None,
) -> Iterator[Cluster]:
    """Use the Ray of this process, or start one, or attach to one, and undo the latter two.

    Args:
        config: without an address Ray is started here, unless RAY_ADDRESS is set, as
            `ray job submit` does.
        say: shows the user a line.
        check: called while another sweep of this process has Ray; what it raises ends the wait.
        name: of the experiment: Ray's job is named after it, where it is a job of our own.

    Raises:
        ValueError: a setting is wrong or nothing answers at the address.
        ClusterLost: no Ray came up here in time.
    """
    check_numbers(config)
    needs = Needs.of(config)
    with turn(say, check):
        host = Host.around()
        if host is None:
            with _connected(config, needs, name) as cluster:
                yield replace(cluster, needs=needs)
        else:
            host.refuse(config)
            asked = Asked.of(config, needs.room(_nodes(), host.held), grows=False)
            yield Cluster(asked.workers, 0, "", False, host.worker_variables(), needs)


@contextmanager
def _connected(config: RayConfig, needs: Needs, name: str | None) -> Iterator[Cluster]:
    """A connection of this sweep alone, which ends with it."""
    import ray

    address = config.address or os.environ.get("RAY_ADDRESS")
    stack = ExitStack()
    try:
        with signals.kept():
            url = _attach(address, config, name) if address else _start(config, name, stack)
        try:
            places = needs.room(_nodes())
            if not address and not places:
                raise ValueError(
                    f"ray.resources: a Ray started here has no {needs} for a worker; they are for "
                    "the nodes of a cluster, at ray.address"
                )
            asked = Asked.of(config, places, grows=bool(address))
            yield Cluster(asked.workers, asked.room, url, inherits=not address)
        except HeadLost:
            _bury()
            raise
        finally:
            ray.shutdown()
    finally:
        stack.close()
        auth.take_effect()  # the next connection: with the token of the environment


def _nodes() -> Any:
    import ray

    return ray.nodes()  # type: ignore[no-untyped-call]


def _init(**options: Any) -> Any:
    """`ray.init`, of which nothing is left where it fails."""
    import ray

    try:
        return ray.init(**options)
    except BaseException:
        ray.shutdown()
        raise


def _named(name: str | None) -> object:
    """A job's config with the name that Ray's list of jobs shows; a submitted job keeps its own."""
    from ray.job_config import JobConfig

    return JobConfig(metadata={JOB_NAME: name} if name and not in_a_job() else {})


def _bury() -> None:
    """End what is left of a Ray that was started here and has lost its GCS.

    Shutting down says farewell to the GCS: to a dead one it would wait for the answer until Ray
    ends this process. So the connection is forgotten, and at its end the process leaves at once.
    """
    from ray._private import worker

    node: Any = worker._global_node
    if node is not None:
        node.kill_all_processes(check_alive=False, allow_graceful=False)
    driver: Any = worker.global_worker
    driver.set_mode(None)
    atexit.register(_leave)


def _leave() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def _start(config: RayConfig, name: str | None, stack: ExitStack) -> str:
    """Start Ray; its folder is removed as the stack is closed, after Ray has ended."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    token = auth.for_a_new_ray()
    variables = {**WORKER_VARIABLES, **_LOCAL_VARIABLES, **token, "PYTHONPATH": path}
    with _environment(variables), _only_localhost():
        auth.take_effect()
        try:
            context = _init(
                address="local",
                num_cpus=config.num_cpus,
                namespace=config.namespace,
                job_config=_named(name),
                include_dashboard=config.dashboard,
                log_to_driver=False,
                logging_level=logging.ERROR,
                _temp_dir=str(stack.enter_context(scratch.private("ray")) / "r"),
            )
        except Exception as error:  # Ray raises a bare Exception when it is not up in time
            raise ClusterLost(
                f"Ray did not start here ({one_line(error)}); try again when the machine has less "
                "to do, or with executor=inline"
            ) from error
    url, secret = _url(context.dashboard_url), token.get(auth.TOKEN)
    return f"{url} (token {secret})" if url and secret else url


def _attach(address: str, config: RayConfig, name: str | None) -> str:
    from ray.exceptions import AuthenticationError

    key = KEY if config.address else VARIABLE
    if config.num_cpus is not None:
        raise ValueError(
            f"ray.num_cpus: a cluster has the cores it has, got {config.num_cpus} with "
            f"{key}={address}; leave one of the two out"
        )
    endpoint = resolve(address, key)
    with _environment(auth.for_a_found_ray() if address == "auto" else {}):
        auth.take_effect()
        knock(address, endpoint, key)
        try:
            context = _init(
                address=endpoint,
                namespace=config.namespace,
                job_config=_named(name),
                runtime_env=runtime_env(config.install),
                log_to_driver=False,
                logging_level=logging.ERROR,
            )
        except (ConnectionError, RuntimeError, AuthenticationError) as error:
            first = str(error).strip().partition("\n")[0]
            raise ValueError(
                f"{key}={address}: cannot attach ({first}); start this command on a node of "
                "the cluster, with the Python and the Ray that run there"
            ) from error
    return _url(context.dashboard_url)


def _url(dashboard: str | None) -> str:
    return f"http://{dashboard}" if dashboard else ""


@contextmanager
def _only_localhost() -> Iterator[None]:
    """Let Ray take 127.0.0.1 for this machine's address: then it listens nowhere else.

    Any other address, `_node_ip_address` too, has its gRPC and metrics servers listen on all
    interfaces. It is what Ray does on macOS and Windows, under this name; read at import there.
    """
    from ray._private import ray_constants

    before = ray_constants.ENABLE_RAY_CLUSTER
    ray_constants.ENABLE_RAY_CLUSTER = False
    try:
        with _environment({ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR: "0"}):
            yield
    finally:
        ray_constants.ENABLE_RAY_CLUSTER = before


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
