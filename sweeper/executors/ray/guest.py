"""A Ray that is up in this process already, or whose task or actor this process is.

It belongs to the program around the sweep: it is used as it is, and never shut down from here.
Workers get what they need as variables of their own, so the job's runtime environment stays.
"""

import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from sweeper.config.schema import RayConfig
from sweeper.executors.ray.discovery import KEY, knock, resolve
from sweeper.executors.ray.runtime_env import ROOT, carried_variables

WAIT_SECONDS = 2.0
"""How long another thread's sweep may hold Ray before that is said."""

CHECK_SECONDS = 0.2
"""How often a sweep that waits for Ray asks whether it was cancelled."""

_turn = threading.RLock()
"""Held by the sweep of this process that uses Ray: Tune and `ray.init` are one for all threads."""


@dataclass(frozen=True)
class Host:
    """The Ray around this process.

    Attributes:
        cores: of the cluster.
        held: cores that the task or actor holds which this process is; 0 in a driver.
        free: cores that no task holds now.
        client: whether it is reached through Ray Client, away from the cluster.
        address: host:port of its GCS; "" through Ray Client.
        variables: of the runtime environment of the job around.
    """

    cores: float
    held: float
    free: float
    client: bool = False
    address: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def around(cls) -> "Host | None":
        """The Ray that is up in this process; None where there is none. Imports nothing."""
        ray = sys.modules.get("ray")
        if ray is None or not ray.is_initialized():
            return None
        cores = float(ray.cluster_resources().get("CPU", 0))
        unheld = ray.available_resources()  # leaves out what is used up; {} until Ray has counted
        free = float(unheld.get("CPU", 0)) if unheld else cores
        if ray.util.client.ray.is_connected():
            return cls(cores, 0.0, free, client=True)
        context = ray.get_runtime_context()
        held = 0.0
        if context.worker.mode == ray.WORKER_MODE:
            held = float(context.get_assigned_resources().get("CPU", 0))
        given = dict(context.runtime_env).get("env_vars") or {}
        return cls(cores, held, free, address=context.gcs_address, variables=given)

    @property
    def unfit(self) -> str:
        """Why `executor=auto` does not take this Ray; "" when it does."""
        if self.client:
            return "Ray is reached through Ray Client"
        if self.free < 1:
            return "no core of the Ray around it is free"
        return ""

    def refuse(self, config: RayConfig) -> None:
        """Raise ValueError where this Ray cannot be what a config asks for.

        Args:
            config: what it says of the Ray to start or to attach to does not fit one that is up.
        """
        if self.client:
            raise ValueError(
                "executor=ray: this process reaches Ray through Ray Client (ray://), where Tune "
                "would run away from it; start it on a node of the cluster, or give executor=inline"
            )
        if config.num_cpus is not None:
            raise ValueError(
                f"ray.num_cpus: the Ray of this process is up and has {self.cores:g} cores, got "
                f"{config.num_cpus}; leave it out, or set ray.workers"
            )
        if config.install:
            raise ValueError(
                "ray.install: the Ray of this process is up, with its own packages; leave it out, "
                "or install requirements.lock by the runtime_env of your ray.init"
            )
        if config.address and config.address != "auto":
            self._refuse_other(config.address)
        if self.cores - self.held < 1:
            raise ValueError(
                f"executor=ray: this task or actor holds {self.held:g} of the {self.cores:g} cores "
                "of its cluster, so no worker could start; give it num_cpus=0, or executor=inline"
            )

    def _refuse_other(self, address: str) -> None:
        asked = resolve(address)
        if asked != self.address:
            knock(address, asked)
            raise ValueError(
                f"{KEY}={address}: this process is connected to the Ray at {self.address}; leave "
                f"{KEY} out to use that one"
            )

    def worker_variables(self) -> dict[str, str]:
        """Variables for our workers and dispatcher, which inherit those of that Ray, not ours."""
        ours = carried_variables()
        theirs = self.variables.get("PYTHONPATH")
        ours["PYTHONPATH"] = os.pathsep.join(filter(None, [str(ROOT), ours["PYTHONPATH"], theirs]))
        return {**ours, **{k: v for k, v in self.variables.items() if k != "PYTHONPATH"}}


@contextmanager
def turn(say: Callable[[str], None], check: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Wait until no other thread of this process sweeps on Ray; said if that takes a while."""
    if not _turn.acquire(timeout=WAIT_SECONDS):
        say("waits for another sweep of this process, which uses Ray")
        while not _turn.acquire(timeout=CHECK_SECONDS):
            check()
    try:
        yield
    finally:
        _turn.release()
