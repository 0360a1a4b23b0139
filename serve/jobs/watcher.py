"""`python -m serve.jobs.watcher FOLDER`: runs one sweep, and writes down how it ended.

It stands between server and sweep, in a session of its own, so that neither the end of the server
nor Ctrl-C at its terminal ends the sweep. The lock that it was given is inherited by the sweep.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

POLL_SECONDS = 0.2


def main(folder: Path, lock: int) -> None:
    """Run the sweep of a job's folder to its end.

    Args:
        folder: of the job.
        lock: descriptor of the locked file.
    """
    asked = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    with (folder / "log").open("wb") as log:
        sweep = subprocess.Popen(
            [sys.executable, "-m", *_module(asked, folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            pass_fds=[lock],
        )
    asked_to_end = False
    while sweep.poll() is None:
        if not asked_to_end and (folder / "cancel").exists():
            sweep.terminate()
            asked_to_end = True
        time.sleep(POLL_SECONDS)
    code = sweep.returncode if sweep.returncode >= 0 else 128 - sweep.returncode
    text = folder / "exit.new"
    text.write_text(str(code))
    text.replace(folder / "exit")


def _module(asked: Mapping[str, Any], folder: Path) -> list[str]:
    """Module and words of a job's process: a sweep, or a batch of backtests."""
    if "batch" in asked:
        return ["serve.jobs.batch", str(folder)]
    return ["sweeper", "-m", *asked["words"]]


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
    os.close(int(sys.argv[2]))
