"""Sweeps of many runs: executors, what Ray adds, a million runs, 10^8 points, clusters, the field.

    python -m benchmarks.scale                      # all of it: a quarter of an hour on two cores
    python -m benchmarks.scale overhead whole       # some of the five parts, see PARTS
    python -m benchmarks.scale field --points 200   # 1,000 unless told otherwise
    python -m benchmarks.scale --write              # into docs/benchmarks.md, too

Every figure is of a process of its own, the store included, on bars that every machine has.
"""

import argparse
import itertools
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.report.machine import describe
from benchmarks.report.part import Part
from benchmarks.report.table import replace_marked

ROOT = Path(__file__).resolve().parents[1]
CORES = 2
TARGETS = {20: 1.20, 100: 1.06}
"""Wall time over kernel time per core, by core-seconds of kernel time on each core."""
LENGTHS = {"100,000 hours": ("100000", "1h"), "350,400 quarters of an hour": ("350400", "15m")}
"""Ten years and more of bars that never close."""
TRIALS = 40
"""Of Ray Tune as it comes: each starts a process, a second and more."""
MILLION = ("params.fast=range(2,1002)", "params.slow=range(1002,2002)", "holdout=0")
FIFTH = (MILLION[0], "params.slow=range(1002,1202)", "holdout=0")
SIZES = ((50, 20), (100, 100), (300, 200), (1000, 300), (1000, 1000))
"""Grids from a thousand runs to a million."""
Row = tuple[str, ...]


def main(arguments: Sequence[str]) -> None:
    """Print the parts asked for, and write them if that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--points", type=int, default=1000, help="of field, a multiple of 40")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    for name in given.parts or PARTS:
        if name not in PARTS:
            parser.error(f"no part {name!r}; there are {', '.join(PARTS)}")
        headings, measure = PARTS[name]
        part = Part(f"{describe()}.", headings, list(measure(given.points)))
        Console().print(part.table())
        if given.write:
            replace_marked(ROOT / "docs" / "benchmarks.md", f"scale-{name}", part.markdown())


def overhead(_: int) -> Iterator[Row]:
    """Wall time of a sweep on Ray, from a running Ray to its leaderboard, over kernel time."""
    for (name, length), (seconds, limit) in itertools.product(LENGTHS.items(), TARGETS.items()):
        found = _figures("benchmarks.sweeps.ray_overhead", str(seconds), *length)
        core = found["kernel"] / CORES
        ratio = found["wall"] / core
        yield (
            name,
            f"{found['runs']:,}",
            f"{1e6 * found['kernel'] / found['runs']:.0f} us",
            f"{core:.1f} s",
            f"{found['wall']:.1f} s",
            f"{ratio:.3f}",
            _judged(ratio, limit, f"{limit:.2f}"),
        )


def whole(_: int) -> Iterator[Row]:
    """Whole commands: a sweep that is finished, a million runs, 10^8 points."""
    with tempfile.TemporaryDirectory() as folder:
        _sweep(FIFTH, folder)
        again = _sweep(FIFTH, folder)[0]
    yield "200,000 runs that are finished, again", f"{again:.1f} s", _judged(again, 8, "8 s")
    with tempfile.TemporaryDirectory() as folder:
        alone = _sweep(MILLION, folder, "inline")[0]
    yield "1,000,000 sma configurations, on one core", f"{alone:.1f} s", _judged(alone, 6, "6 s")
    with tempfile.TemporaryDirectory() as folder:
        wall, peak = _sweep(MILLION, folder)
        size = sum(path.stat().st_size for path in Path(folder, "v1").rglob("*.parquet"))
    limit = _judged(wall, 3.5, "3.5 s")
    yield "1,000,000 sma configurations x 5,031 bars, in the store", f"{wall:.1f} s", limit
    yield "the same, a second", f"{1_000_001 / wall:,.0f} runs", ""
    yield "the same, memory of the largest process", f"{peak:,.0f} MB", ""
    yield "the same, on disk", f"{size / 1_000_001:.0f} bytes a run", _judged(size, 8e8, "800")
    plan = _figures("benchmarks.sweeps.huge_plan")
    said, peak = f"{plan['points']:,.0f} points planned", plan["peak"]
    yield said, f"{plan['plan']:.2f} s", _judged(plan["plan"], 1, "1 s")
    yield "the same, memory of the process", f"{peak:.0f} MB", _judged(peak, 300, "300 MB")
    yield "the same, until the first block is done", f"{plan['first']:.2f} s", ""


def executors(_: int) -> Iterator[Row]:
    """Whole commands by size and executor: `auto` against the best of the others."""
    for fast, slow in SIZES:
        grid = (f"params.fast=range(2,{2 + fast})", f"params.slow=range(1002,{1002 + slow})")
        took = {}
        for executor in ("auto", "inline", "local", "ray"):
            with tempfile.TemporaryDirectory() as folder:
                took[executor] = _sweep((*grid, "holdout=0"), folder, executor)[0]
        best = min(seconds for executor, seconds in took.items() if executor != "auto")
        ratio = took["auto"] / best
        walls = (f"{took[executor]:.1f} s" for executor in ("auto", "inline", "local", "ray"))
        yield f"{fast * slow:,}", *walls, f"{ratio:.2f}", _judged(ratio, 1.2, "1.2")


def cluster(_: int) -> Iterator[Row]:
    """What saturates first as a cluster grows, by simulation; see `simulated_cluster`."""
    for slots in (16, 256, 1024, 4096):
        found = _figures("benchmarks.sweeps.simulated_cluster", str(slots))
        shares = [found["dispatcher"], found["driver"]]
        yield (
            f"{slots:,}",
            f"{found['ratio']:.2f}",
            *(f"{100 * share:.0f} %" for share in shares),
            f"{found['open']:.1f} s",
            _judged(max(shares), 0.5, "50 %"),
        )


def field(points: int) -> Iterator[Row]:
    """The same points on the same kernel by other tools, whole commands one after the other."""
    slow = f"range(60,{60 + 10 * (points // 40)},10)"
    module = [sys.executable, "-m"]
    ours = [*module, "sweeper", "-m", "holdout=0", "store.root=results"]
    ours += ["params.fast=range(5,45)", f"params.slow={slow}", "hydra.sweep.dir=hydra"]
    basic = [*module, "benchmarks.field.basic_sweeper", "-m", "fast=range(5,45)", f"slow={slow}"]
    trials = [*module, "benchmarks.field.tune_trials"]
    tools = {
        "Sweeper": (points, [*ours, "executor=inline"]),
        "Sweeper on Ray": (points, [*ours, "executor=ray", f"ray.num_cpus={CORES}"]),
        "Optuna, study.optimize": (points, [*module, "benchmarks.field.optuna_study", str(points)]),
        "Hydra, BasicSweeper": (points, [*basic, "hydra.sweep.dir=hydra"]),
        "Ray Tune, a trial each, in reused processes": (points, [*trials, str(points), "reuse"]),
        "Ray Tune, a trial each, as it comes": (TRIALS, [*trials, str(TRIALS)]),
    }
    first = 0.0
    for name, (n, command) in tools.items():
        with tempfile.TemporaryDirectory() as folder:
            wall = _timed(command, folder)
        each = wall / n
        first = first or each
        yield name, f"{n:,}", f"{wall:.1f} s", f"{1000 * each:.1f} ms", f"{each / first:.1f}"


PARTS: dict[str, tuple[Row, Callable[[int], Iterator[Row]]]] = {
    "overhead": (
        ("bars", "runs", "a run", "kernel, a core", "wall", "wall / kernel a core", "limit"),
        overhead,
    ),
    "whole": (("what", "measured", "limit"), whole),
    "executors": (
        ("runs", "auto", "inline", "local", "ray", "auto / best", "limit"),
        executors,
    ),
    "cluster": (
        ("slots", "wall / work of a slot", "dispatcher", "driver", "files opened in", "limit"),
        cluster,
    ),
    "field": (("tool", "points", "wall", "a point", "times Sweeper"), field),
}


def _sweep(words: Sequence[str], folder: str, executor: str = "local") -> tuple[float, float]:
    """Wall seconds of a sweep, and the largest peak of any process so far in MB."""
    command = [sys.executable, "-m", "sweeper", "-m", *words, f"executor={executor}"]
    wall = _timed([*command, f"store.root={folder}", f"hydra.sweep.dir={folder}/hydra"], folder)
    return wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _timed(command: Sequence[str], folder: str) -> float:
    began = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - began


def _figures(module: str, *arguments: str) -> dict[str, float]:
    """What a module prints last."""
    command = [sys.executable, "-m", module, *arguments]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _judged(value: float, limit: float, said: str) -> str:
    return f"{said} {'reached' if value <= limit else 'missed'}"


if __name__ == "__main__":
    main(sys.argv[1:])
