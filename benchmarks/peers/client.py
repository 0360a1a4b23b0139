"""Ask an engine in its own process."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
PEERS_PYTHON = ROOT / ".venv-peers" / "bin" / "python"
ONE_THREAD = dict.fromkeys(
    ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)


class Engine:
    """A running engine: `sweeper`, or a peer of `.venv-peers`; close it, or use it in `with`.

    All engines share one core, the last this process may use, and take turns.
    """

    def __init__(self, name: str) -> None:
        python = sys.executable if name == "sweeper" else str(PEERS_PYTHON)
        if not Path(python).exists():
            raise FileNotFoundError(f"{PEERS_PYTHON}: no environment of the peers; run make bench")
        self.name = name
        core = str(max(os.sched_getaffinity(0)))
        self._process = subprocess.Popen(
            [python, "-m", "benchmarks.peers", name, core],
            cwd=ROOT,
            env=os.environ | ONE_THREAD,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def ask(self, kind: str, **details: Any) -> dict[str, Any]:
        """Its answer to one question; its own error output has said why if there is none."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps({"ask": kind, **details}), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.name}: ended with code {self._process.wait()} at {kind}")
        reply: dict[str, Any] = json.loads(line)
        return reply

    def close(self) -> None:
        """End the process."""
        self._process.communicate()

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
