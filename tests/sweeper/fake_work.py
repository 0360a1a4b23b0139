"""Blocks that burn CPU and write one small file each: what the executors are tested with."""

import os
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import ray


@dataclass(frozen=True)
class FakeWork:
    folder: Path
    seconds: float = 0.0
    runs: int = 10
    bars: np.ndarray = field(default_factory=lambda: np.arange(100_000.0))
    poison: frozenset[int] = frozenset()
    broken: frozenset[int] = frozenset()


@dataclass(frozen=True)
class FakeDone:
    number: int
    runs: int
    failed: int
    seconds: float
    best_metric: float
    best_label: str
    pid: int
    writeable: bool


def burn(seconds: float) -> None:
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass


def run_block(work: FakeWork, number: int) -> FakeDone:
    if number in work.poison:
        os.kill(os.getpid(), signal.SIGKILL)
    if number in work.broken:
        raise ArithmeticError(f"block {number} is broken")
    (work.folder / f"{number:06d}.{os.getpid()}.began").touch()
    burn(work.seconds)
    value = float(np.sqrt(work.bars[number]))
    (work.folder / f"{number:06d}.done").write_text(repr(value))
    label, writeable = f"fast={number}", work.bars.flags.writeable
    return FakeDone(number, work.runs, 0, work.seconds, value, label, os.getpid(), writeable)


def tell_environment(work: FakeWork, number: int) -> FakeDone:
    """What Ray was asked to set for this worker, and what is set."""
    asked = dict(ray.get_runtime_context().runtime_env)
    label = f"{asked} {os.environ['RAY_CHDIR_TO_TRIAL_DIR']}"
    return FakeDone(number, 1, 0, 0.0, 0.0, label, os.getpid(), False)
