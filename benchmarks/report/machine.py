"""The machine that was measured, without a date or a name."""

import os
import platform
from pathlib import Path


def describe() -> str:
    """Processor, cores and Python, such as `EPYC, 2 cores, Python 3.11.7`."""
    python = f"Python {platform.python_version()}"
    return f"{_processor()}, {len(os.sched_getaffinity(0))} cores, {python}"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
