"""Life signs of the Ray under this process, asked of its servers themselves.

When the raylet of its node dies, a driver waits for answers that never come, until Ray's own health
check fails after some 15 s and an error of Tune's follows; when the GCS of a Ray that was started
here dies, Ray ends the driver after 10 s. A dead server's port refuses at once.
"""

import socket
import time

import ray

from sweeper.executors import ClusterLost, HeadLost

BEAT_SECONDS = 1.0


class Pulse:
    """Asks once a second at most; needs a connection to Ray."""

    def __init__(self, own: bool = False) -> None:
        """`own`: Ray was started by this process, so that no other GCS takes a dead one's place."""
        here = ray.get_runtime_context().get_node_id()
        nodes = ray.nodes()  # type: ignore[no-untyped-call]
        node = next(node for node in nodes if node["NodeID"] == here)
        self._servers = {"raylet": (node["NodeManagerAddress"], node["NodeManagerPort"])}
        if own:
            host, _, port = ray.get_runtime_context().gcs_address.rpartition(":")
            self._servers["GCS"] = (host, int(port))
        self._felt = time.monotonic()

    def check(self, *, now: bool = False) -> None:
        """Raise ClusterLost if a server is gone; `now` asks even if it was just asked."""
        if not now and time.monotonic() - self._felt < BEAT_SECONDS:
            return
        self._felt = time.monotonic()
        for name, server in self._servers.items():
            try:
                socket.create_connection(server, timeout=BEAT_SECONDS).close()
            except ConnectionRefusedError:
                lost = HeadLost if name == "GCS" else ClusterLost
                raise lost(
                    f"Ray on this machine died (its {name}); what is done is kept, and the same "
                    "command goes on from there"
                ) from None
            except OSError:
                continue  # slow is not dead: that verdict is Ray's own
