"""A cluster of several nodes on this machine, started by the commands of docs/cluster.md."""

import os
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.documents import blocks

BIN = Path(sys.executable).parent


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def recipe():
    """The lines of the recipe for two nodes."""
    (body,) = [body for _, body in blocks("cluster.md", "bash") if "127.0.0.3" in body]
    return body.splitlines()


@dataclass
class Nodes:
    """Nodes by their place in the recipe.

    Attributes:
        port: of the head, in place of the recipe's.
        metrics: port of the head's metrics, in place of the recipe's.
        dashboard: port for a dashboard of the head.
        second_metrics: port for the metrics of the second node.
        environment: what every process of the cluster and every command gets.
        running: first process of each node; each leads a process group.
    """

    port: int = field(default_factory=free_port)
    metrics: int = field(default_factory=free_port)
    dashboard: int = field(default_factory=free_port)
    second_metrics: int = field(default_factory=free_port)
    environment: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _folder: Path = field(default_factory=lambda: Path(tempfile.mkdtemp(prefix="nodes-")))

    def __post_init__(self):
        token = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
        path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
        often = {"RAY_metrics_report_interval_ms": "500"}
        self.environment = os.environ | token | often | {"PATH": path}

    @property
    def address(self):
        return f"127.0.0.2:{self.port}"

    def words(self, line):
        """A command of the recipe with ports and folders of this test."""
        line = line.removesuffix(" &").replace("6379", str(self.port))
        line = line.replace("8081", str(self.metrics)).replace("/tmp/", f"{self._folder}/")
        return shlex.split(line)

    def start(self, name, *more):
        """Start the node of the recipe whose temporary folder is named so; it may take 10 s."""
        (line,) = [line for line in recipe() if f"--temp-dir=/tmp/{name} " in line]
        with (self._folder / f"{name}.log").open("w") as log:
            self.running[name] = subprocess.Popen(
                [*self.words(line), *more],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def kill(self, name):
        """SIGKILL for every process of a node at once, as a power cut of its machine."""
        if process := self.running.pop(name, None):
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def close(self):
        for name in list(self.running):
            self.kill(name)
        shutil.rmtree(self._folder, ignore_errors=True)


def wait_until(true, seconds, what):
    """Poll until `true()` holds, and give what it gave."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if found := true():
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {seconds} s for {what}")
