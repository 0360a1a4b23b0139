"""Sweeps of many runs: what Ray adds to the kernels, a million runs, 10^8 points, the field.

    python -m benchmarks.scale                      # all of it: ten minutes on two cores
    python -m benchmarks.scale overhead million     # of overhead, finished, million, plan, field
    python -m benchmarks.scale field --points 200   # Hydra's sweeper takes 0.1 s for each

Every figure is of a process of its own, the store included, on bars that every machine has.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parents[1]
CORES = 2
TARGETS = {20: 1.20, 100: 1.06}
"""Wall time over kernel time per core, by core-seconds of kernel time on each core."""
MILLION = ("params.fast=range(2,1002)", "params.slow=range(1002,2002)", "holdout=0")
console = Console()


def main() -> None:
    """Print the parts asked for."""
    parts = {
        "overhead": overhead,
        "finished": finished,
        "million": million,
        "plan": plan,
        "field": field,
    }
    parser = argparse.ArgumentParser(prog="benchmarks.scale", description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(parts))
    parser.add_argument("--points", type=int, default=1000, help="of field, a multiple of 40")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        CHILDREN[given.child](*given.parts)
        return
    for name in given.parts or parts:
        if name not in parts:
            parser.error(f"no part {name!r}; there are {', '.join(parts)}")
        console.print(f"\n[bold]{name}[/]")
        parts[name](given)


def overhead(_: argparse.Namespace) -> None:
    """Wall time of a sweep on Ray, from a running Ray to its leaderboard, over kernel time."""
    headings = ("runs", "wall s", "kernel s", "wall / kernel per core", "limit")
    table = _table("kernel s a core", *headings)
    for seconds, limit in TARGETS.items():
        found = _child("swept", str(seconds))
        ratio = found["wall"] / (found["kernel"] / CORES)
        table.add_row(
            f"{found['kernel'] / CORES:.0f}",
            f"{found['runs']:,}",
            f"{found['wall']:.1f}",
            f"{found['kernel']:.1f}",
            f"{ratio:.3f}",
            f"{limit:.2f} {'reached' if ratio <= limit else 'missed'}",
        )
    console.print(table)


def _swept(seconds: str) -> None:
    """A sweep on Ray of so many core-seconds on each core; its figures as JSON."""
    from sweeper.executors import cluster
    from sweeper.record import Record
    from sweeper.sweep import sweep

    marks: dict[str, float] = {}
    kernel: list[float] = []
    connect, add = cluster.connect, Record.add

    @contextmanager
    def noted(config: Any) -> Any:
        with connect(config) as found:
            marks["connected"] = time.perf_counter()
            yield found
            marks["ended"] = time.perf_counter()

    def added(record: Record, block: Any) -> None:
        kernel.append(block.kernel_seconds)
        add(record, block)

    cluster.connect, Record.add = noted, added  # type: ignore[method-assign]
    with tempfile.TemporaryDirectory() as folder:
        words = (
            "data=synthetic",
            "data.bars=100000",
            "data.kind=trend",
            "data.timeframe=1h",
            "data.calendar=24/7",
            "data.periods_per_year=null",
            "holdout=0",
            "executor=ray",
            f"ray.num_cpus={CORES}",
            "params.fast=range(2,2002)",
            "params.slow=range(2002,4002)",
            "risk.stop_loss=0.05",
            "search=random",
            f"store.root={folder}",
        )
        n = _points_for(float(seconds) * CORES, words)
        kernel.clear()
        experiment = sweep(*words, f"search.n={n}", "name=measured", "search.seed=1")
    wall = marks["ended"] - marks["connected"]
    _print({"wall": wall, "kernel": sum(kernel), "runs": experiment.counts["done"]})


def _points_for(seconds: float, words: Sequence[str]) -> int:
    """How many points need so much kernel time, by a sweep of some of them in this process."""
    from sweeper.record import Record
    from sweeper.sweep import sweep

    spent: list[float] = []
    add = Record.add

    def added(record: Record, block: Any) -> None:
        spent.append(block.kernel_seconds)
        add(record, block)

    Record.add = added  # type: ignore[method-assign]
    own = [word for word in words if not word.startswith("executor")]
    probe = sweep(*own, "executor=inline", "search.n=2000")
    Record.add = add  # type: ignore[method-assign]
    return round(seconds / sum(spent) * probe.counts["done"])


def finished(_: argparse.Namespace) -> None:
    """The same command on a sweep that is finished."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["-m", MILLION[0], "params.slow=range(1002,1202)", "executor=ray"]
        first, _ = _sweep(command, folder)
        again, _ = _sweep(command, folder)
    console.print(f"200,000 runs: {first:.1f} s; the same command again {again:.1f} s (limit 8 s)")


def million(_: argparse.Namespace) -> None:
    """1,000,000 sma configurations on 5,031 bars, end to end in the store."""
    with tempfile.TemporaryDirectory() as folder:
        wall, peak = _sweep(["-m", *MILLION, "executor=ray"], folder)
        size = sum(path.stat().st_size for path in Path(folder, "v1").rglob("runs*.parquet"))
    console.print(
        f"1,000,001 runs in {wall:.1f} s: {1_000_001 / wall:,.0f} runs/s, driver's peak "
        f"{peak:,.0f} MB, {size / 1_000_001:.0f} bytes a run with its block sums"
    )


def plan(_: argparse.Namespace) -> None:
    """A grid of 10^8 points: what planning costs, and when the first block is done."""
    found = _child("planned")
    console.print(
        f"{found['points']:,.0f} points, {found['valid']:,.0f} valid: planned in "
        f"{found['plan']:.2f} s (limit 1 s), {found['memory']:.0f} MB more than before (whole "
        f"process {found['peak']:.0f} MB, limit 300 MB); first block done {found['first']:.2f} s "
        "after that"
    )


def _planned() -> None:
    from sweeper.calibration import block_points, calibrate
    from sweeper.evaluation import evaluate_group
    from sweeper.plan import build_plan, load_datasets
    from sweeper.request import parse, request_cells
    from sweeper.sweep import composing

    words = ("params.fast=range(2,10002)", "params.slow=range(2,10002)")
    with composing() as (parser, compose):
        request = parse(words, parser)
        before = _peak()
        start = time.perf_counter()
        cells = [cell for _, cell in request_cells(request, compose)]
        found = build_plan(cells, load_datasets(cells))
        runs = found.runs
        planned = time.perf_counter()
        after = _peak()
    found = found.cut(block_points(found, calibrate(found), CORES))
    group, begin, stop = found.locate(0)
    evaluate_group(group, group.configurations(begin, stop)[0])
    _print(
        {
            "points": group.points - 1,
            "valid": runs - 1,
            "plan": planned - start,
            "memory": after - before,
            "peak": after,
            "first": time.perf_counter() - planned,
        }
    )


def field(given: argparse.Namespace) -> None:
    """The same points on the same kernel by other tools, whole commands one after the other."""
    n = given.points
    slow = f"range(60,{60 + 10 * (n // 40)},10)"
    ours = [sys.executable, "-m", "sweeper", "-m", "holdout=0"]
    ours += ["params.fast=range(5,45)", f"params.slow={slow}", "hydra.sweep.dir=hydra"]
    module = [sys.executable, "-m"]
    tools = {
        "Sweeper": [*ours, "executor=inline"],
        "Sweeper on Ray": [*ours, "executor=ray", f"ray.num_cpus={CORES}"],
        "Optuna, study.optimize": [*module, "benchmarks.field.optuna_study", str(n)],
        "Ray Tune, a trial each": [*module, "benchmarks.field.tune_trials", str(n)],
        "Hydra, BasicSweeper": [
            *module,
            "benchmarks.field.basic_sweeper",
            "-m",
            "fast=range(5,45)",
            f"slow={slow}",
            "hydra.sweep.dir=hydra",
        ],
    }
    table = _table("tool", "wall s", "ms a configuration", "times Sweeper")
    first = 0.0
    for name, command in tools.items():
        with tempfile.TemporaryDirectory() as folder:
            wall = _timed([*command, *(["store.root=results"] if name[0] == "S" else [])], folder)
        first = first or wall
        table.add_row(name, f"{wall:.1f}", f"{1000 * wall / n:.1f}", f"{wall / first:.1f}")
    console.print(table)


def _sweep(words: Sequence[str], folder: str) -> tuple[float, float]:
    """Wall seconds of a command, and the largest peak of any command so far in MB."""
    command = [sys.executable, "-m", "sweeper", *words, f"store.root={folder}"]
    wall = _timed([*command, f"hydra.sweep.dir={folder}/hydra"], folder)
    return wall, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _timed(command: Sequence[str], folder: str) -> float:
    start = time.perf_counter()
    subprocess.run(
        command,
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    return time.perf_counter() - start


def _child(name: str, *arguments: str) -> dict[str, float]:
    """The figures that a process of its own prints last."""
    command = [sys.executable, "-m", "benchmarks.scale", *arguments, "--child", name]
    ran = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(ran.stdout.splitlines()[-1])
    return found


def _print(figures: dict[str, float]) -> None:
    print(json.dumps(figures))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _table(*headings: str) -> Table:
    table = Table(box=None)
    for place, heading in enumerate(headings):
        table.add_column(heading, justify="left" if place == 0 else "right")
    return table


CHILDREN = {"swept": _swept, "planned": _planned}

if __name__ == "__main__":
    main()
