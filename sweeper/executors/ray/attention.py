"""Notices while a sweep on Ray goes on: waiting for cores, a node lost."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import ray
from ray.util import placement_group_table

from sweeper.executors.ray.needs import Needs

WAIT_SECONDS = 10.0
"""How long no worker may run before that is said."""
LOOK_SECONDS = 5.0
"""How often the nodes are looked at."""


class Attention:
    """Looks at the cluster every few seconds; says each thing once, and again when it recurs."""

    def __init__(
        self,
        say: Callable[[str], None],
        needs: Needs,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take note of what there is; needs a connection to Ray.

        Args:
            say: shows the user a line.
            needs: of a worker.
            clock: seconds that only go forward.
        """
        self._say, self._needs, self._clock = say, needs, clock
        self._nodes = _alive()
        self._groups = set(placement_group_table())
        self._worked = self._looked = clock()
        self._waits = False

    def look(self, working: bool) -> None:
        """Called often; `working`: some worker runs, or there is nothing to do."""
        now = self._clock()
        if working:
            self._worked, self._waits = now, False
        if now - self._looked < LOOK_SECONDS:
            return
        self._looked = now
        self._miss_nodes()
        if now - self._worked >= WAIT_SECONDS and not self._waits and not self._starting():
            self._waits = True
            self._say(f"waiting for cores: {self._why()}; the sweep goes on by itself")

    def _miss_nodes(self) -> None:
        nodes = _alive()
        for key in self._nodes.keys() - nodes.keys():
            lost = self._nodes[key]
            cores = lost["Resources"].get("CPU", 0)
            self._say(
                f"lost the node {lost['NodeManagerAddress']} with {cores:g} cores; the sweep goes "
                "on, and what was under way there is done elsewhere"
            )
        self._nodes = nodes

    def _starting(self) -> bool:
        """True when a core has been given to a worker of ours, which takes its time to start."""
        table = placement_group_table()
        return any(table[key]["state"] == "CREATED" for key in table.keys() - self._groups)

    def _why(self) -> str:
        if not self._needs.room(self._nodes.values()):
            return f"no node of the cluster has {self._needs} for a worker"
        cores = sum(node["Resources"].get("CPU", 0) for node in self._nodes.values())
        return f"all {cores:g} of the cluster are taken by others"


def _alive() -> dict[str, Mapping[str, Any]]:
    nodes = ray.nodes()  # type: ignore[no-untyped-call]
    return {node["NodeID"]: node for node in nodes if node["Alive"]}
