"""Whether the Ray under this process is still alive, asked of the raylet itself.

When the raylet of its node dies, a driver waits for answers that never come, until Ray's own health
check fails after some 15 s and an error of Tune's follows. A dead raylet's port refuses at once.
"""

import socket
import time

import ray

from sweeper.executors import ClusterLost

BEAT_SECONDS = 1.0


class Pulse:
    """Asks once a second at most; needs a connection to Ray."""

    def __init__(self) -> None:
        here = ray.get_runtime_context().get_node_id()
        nodes = ray.nodes()  # type: ignore[no-untyped-call]
        node = next(node for node in nodes if node["NodeID"] == here)
        self._raylet = (node["NodeManagerAddress"], node["NodeManagerPort"])
        self._felt = time.monotonic()

    def check(self, *, now: bool = False) -> None:
        """Raise ClusterLost if the raylet is gone; `now` asks even if it was just asked."""
        if not now and time.monotonic() - self._felt < BEAT_SECONDS:
            return
        self._felt = time.monotonic()
        try:
            socket.create_connection(self._raylet, timeout=BEAT_SECONDS).close()
        except ConnectionRefusedError as error:
            raise ClusterLost(
                "Ray on this machine died (its raylet); what is done is kept, and the same command "
                "goes on from there"
            ) from error
        except OSError:
            return  # slow is not dead: that verdict is Ray's own
