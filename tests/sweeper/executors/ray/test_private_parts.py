"""Parts of Ray that are not public and that this program uses all the same.

Ray has no public way to any of them. An upgrade of Ray that moves one fails here, by name, and not
in the middle of a sweep that has lost its cluster.
"""

import ast
import inspect
from pathlib import Path

import ray
from ray import _raylet
from ray._private import ray_constants, services, worker
from ray._private.grpc_utils import init_grpc_channel
from ray._private.node import Node
from ray.core.generated import gcs_service_pb2, gcs_service_pb2_grpc

from sweeper.executors.ray import auth

ROOT = Path(__file__).parents[4]
PRIVATE = ("ray._private", "ray._raylet", "ray.core")
PACKAGES_OF_RAY = ("ray._private", "ray.core.generated")
PACKAGES = ("kernels", "store", "sweeper", "promote", "operate", "serve", "hydra_plugins")

USES = {
    # To have a token that was set a moment ago read: Ray reads it once for each process.
    ("auth.py", "ray._raylet"),
    # To forget a Ray whose GCS is dead: a farewell to it would never be answered.
    ("cluster.py", "ray._private.worker"),
    # To have a Ray that is started here listen on 127.0.0.1 only.
    ("cluster.py", "ray._private.ray_constants"),
    # To know what `auto` stands for before `ray.init`, which hangs on a stale address.
    ("discovery.py", "ray._private.services"),
    # To ask a cluster for its version, with the token, before `ray.init`.
    ("discovery.py", "ray._private.grpc_utils"),
    ("discovery.py", "ray.core.generated.gcs_service_pb2"),
    ("discovery.py", "ray.core.generated.gcs_service_pb2_grpc"),
}


def imports(tree):
    """Full names of the modules that a file imports, those inside of functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_the_list_is_whole():
    used = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            names = list(imports(ast.parse(path.read_text())))
            used |= {(path.name, name) for name in names if name.startswith(PRIVATE)}
            assert "ray._private." not in path.read_text().replace("from ray._private.", "")
    modules = {(file, name) for file, name in used if not _is_inside(file, name)}
    assert modules == USES


def _is_inside(file, name):
    """True for a name within a module of the list, and for the package around one."""
    return (file, name.rpartition(".")[0]) in USES or name in PACKAGES_OF_RAY


def test_a_token_of_this_moment_is_read(monkeypatch):
    monkeypatch.setenv(auth.TOKEN, "a" * 64)
    auth.take_effect()
    assert auth.has_token()
    assert callable(_raylet.Config.initialize)


def test_a_ray_without_its_gcs_can_be_forgotten():
    assert hasattr(worker, "_global_node"), "cluster._bury ends its processes"
    assert "mode" in inspect.signature(worker.Worker.set_mode).parameters
    assert isinstance(worker.global_worker, worker.Worker)
    parameters = inspect.signature(Node.kill_all_processes).parameters
    assert {"check_alive", "allow_graceful"} <= set(parameters)


def test_rays_address_of_this_machine_can_be_the_loopback(monkeypatch):
    assert isinstance(ray_constants.ENABLE_RAY_CLUSTER, bool)
    assert isinstance(ray_constants.ENABLE_RAY_CLUSTERS_ENV_VAR, str)
    monkeypatch.setattr(ray_constants, "ENABLE_RAY_CLUSTER", False)
    assert services.get_node_ip_address() == "127.0.0.1"


def test_auto_is_answered_without_ray_init():
    (address, *_) = inspect.signature(services.canonicalize_bootstrap_address_or_die).parameters
    assert address in ("addr", "address")


def test_a_cluster_can_be_asked_for_its_version():
    had_ray = ray.is_initialized()
    assert "address" in inspect.signature(init_grpc_channel).parameters
    assert "ray_version" in gcs_service_pb2.CheckAliveReply.DESCRIPTOR.fields_by_name
    with init_grpc_channel("127.0.0.1:1") as channel:
        stub = gcs_service_pb2_grpc.NodeInfoGcsServiceStub(channel)
        assert callable(stub.CheckAlive)
    assert gcs_service_pb2.CheckAliveRequest() is not None
    assert ray.is_initialized() == had_ray, "asking starts none"
