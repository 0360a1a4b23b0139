"""A process with too little memory for the libraries ends in one line."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("package", ["sweeper", "store", "promote"])
def test_too_little_memory_is_one_line(package):
    size = 600_000 * 1024
    ended = subprocess.run(
        [sys.executable, "-m", package, "--help"],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == (
        "memory: this process may have 585 MiB of address space, and needs 1,200 at least; "
        "raise the limit: ulimit -v 1228800\n"
    )
