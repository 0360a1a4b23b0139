"""Where a cluster is, and whether it would have us: asked before `ray.init`, which is no judge.

At an address without Ray it takes 20 to 80 s to give up, and for some ends the process then. One
question to the cluster's GCS, the server that Ray's addresses are those of, is answered at once.
"""

import os
import socket

from sweeper.executors.ray import auth

ANSWER_SECONDS = 3.0


KEY = "ray.address"
VARIABLE = "RAY_ADDRESS"
"""The variable that names a cluster where the config does not."""


def resolve(address: str, key: str = KEY) -> str:
    """The `host:port` that an address stands for.

    Args:
        address: as it was given.
        key: of the config, or variable, that gave it: begins every error.

    Raises:
        ValueError: it has another form, or is `auto` and no Ray runs on this machine.
    """
    if "://" in address:
        raise ValueError(f"{key}: must be auto or host:port, got {address}; {_scheme(address)}")
    endpoint = _find(key) if address == "auto" else address
    host, colon, port = endpoint.rpartition(":")
    if not colon or not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"{key}: must be auto or host:port, got {address}")
    return endpoint


def _scheme(address: str) -> str:
    """Use of an address with a scheme, where there is one."""
    if address.startswith("ray://"):
        return (
            "Ray Client (ray://) would run Tune away from this command: start it on a node of the "
            "cluster, or with `ray job submit --working-dir .`"
        )
    return (
        "a web address is the dashboard's, for `ray job submit`; the cluster itself answers at the "
        "port of `ray start --head`, 6379 unless it says otherwise"
    )


def _find(key: str) -> str:
    # The only way to learn what "auto" stands for before ray.init, which hangs on a stale address.
    from ray._private.services import canonicalize_bootstrap_address_or_die

    try:
        return str(canonicalize_bootstrap_address_or_die("auto"))
    except ConnectionError as error:
        raise ValueError(
            f"{key}=auto: no Ray cluster runs on this machine; start one with `ray start --head`, "
            f"or leave {key} out"
        ) from error


def knock(address: str, endpoint: str, key: str = KEY) -> None:
    """Refuse an address where nothing answers, or not Ray, or a Ray that would not have us.

    Args:
        address: as the user gave it, for the message.
        endpoint: its `host:port`.
        key: what gave it.

    Raises:
        ValueError: the reason, and what to change.
    """
    host, _, port = endpoint.rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=ANSWER_SECONDS).close()
    except OSError as error:
        raise ValueError(
            f"{key}={address}: nothing answers at {endpoint} ({error.strerror or error}); "
            f"is the cluster up, and the port reachable from here?{_unset(key)}"
        ) from None
    if os.environ.get(auth.MODE) == "token" and not auth.has_token():
        raise ValueError(
            f"{key}={address}: {auth.MODE} is token, but there is none; put the cluster's "
            f"into {auth.TOKEN}, or into a file that {auth.TOKEN_PATH} names"
        )
    _ask_version(address, endpoint, key)


def _ask_version(address: str, endpoint: str, key: str) -> None:
    import grpc  # type: ignore[import-untyped]  # late, like Ray, whose dependency it is
    import ray
    from ray._private.grpc_utils import init_grpc_channel  # adds the token, and TLS where it is on
    from ray.core.generated.gcs_service_pb2 import CheckAliveRequest  # type: ignore[attr-defined]
    from ray.core.generated.gcs_service_pb2_grpc import NodeInfoGcsServiceStub

    with init_grpc_channel(endpoint) as channel:
        gcs = NodeInfoGcsServiceStub(channel)  # type: ignore[no-untyped-call]
        try:
            there = gcs.CheckAlive(CheckAliveRequest(), timeout=ANSWER_SECONDS).ray_version
        except grpc.RpcError as error:
            raise ValueError(f"{key}={address}: {_refusal(endpoint, error)}") from error
    if there != ray.__version__:
        raise ValueError(
            f"{key}={address}: the cluster runs Ray {there}, this command {ray.__version__}; "
            "they must be the same: install requirements.lock on the cluster's nodes"
        )


def _unset(key: str) -> str:
    """Advice on going on without a cluster that the environment named."""
    return f" Without {VARIABLE} in the environment Ray is started here" if key == VARIABLE else ""


def _refusal(endpoint: str, error: object) -> str:
    """Refusal by a cluster, from a failed call, and what to do."""
    import grpc

    assert isinstance(error, grpc.Call)
    if error.code() is not grpc.StatusCode.UNAUTHENTICATED:
        return (
            f"what answers at {endpoint} is not the head of a Ray cluster ({error.code().name}); "
            "its port is 6379 unless `ray start --port` says otherwise"
        )
    if os.environ.get(auth.MODE) == "token":
        return (
            f"the cluster refuses the token; {auth.TOKEN}, or the file that {auth.TOKEN_PATH} "
            "names, must hold the one that its head was started with"
        )
    return (
        f"the cluster asks for a token; set {auth.MODE}=token and put the token into "
        f"{auth.TOKEN}, or into a file that {auth.TOKEN_PATH} names"
    )
