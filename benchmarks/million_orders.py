"""A million configurations with five swept order settings, killed, resumed, and equal bit for bit.

    python -m benchmarks.million_orders                # an hour and more on two cores
    python -m benchmarks.million_orders --share 100    # a hundredth of it

One sweep runs undisturbed in this process, one on the executor that `auto` takes, killed three
times on its way. Both end with the same rows: the digests of all metrics and hashes are compared.
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from store.query.results import Results

ROOT = Path(__file__).resolve().parents[1]
SETTINGS = (
    "risk.unit=atr",
    "risk.stop_loss=1,2,3,4",
    "risk.max_bars=null,5,10,20,40",
    "risk.break_even=null,1",
    "size.kind=risk",
    "size.value=0.005,0.01,0.02,0.04,0.08",
    "costs.fixed=0,1,2,4,8",
)
PER_POINT = 4 * 5 * 2 * 5 * 5
POINTS = 1_000
"""Pairs of averages: a million configurations in all."""
KILLS = 3


def words(points: int, root: Path, executor: str) -> list[str]:
    """The command of the sweep."""
    lengths = f"params.fast=range(2,{2 + points // 20})", "params.slow=range(60,260,10)"
    own = ("holdout=0", f"executor={executor}", f"store.root={root}", "output=none")
    return [sys.executable, "-m", "sweeper", "-m", *lengths, *SETTINGS, *own]


def undisturbed(points: int, root: Path) -> float:
    """Seconds of the sweep in one process."""
    began = time.monotonic()
    subprocess.run(words(points, root, "inline"), cwd=ROOT, check=True)
    return time.monotonic() - began


def killed(points: int, root: Path, pause: float) -> int:
    """Kill the sweep so often, some seconds apart, then let it end; number of kills."""
    command, kills = words(points, root, "auto"), 0
    for _ in range(KILLS):
        driver = subprocess.Popen(command, cwd=ROOT)
        try:
            driver.wait(timeout=pause)
        except subprocess.TimeoutExpired:
            driver.kill()
            driver.wait()
            kills += 1
    subprocess.run(command, cwd=ROOT, check=True)
    return kills


def digest(root: Path) -> tuple[str, int]:
    """Of all rows in the order of their hashes, and their number."""
    table: pa.Table = Results(root).runs("latest").sort_by("config_hash")
    rows = table.drop_columns(
        [name for name in ("experiment_id", "origin") if name in table.schema.names]
    )
    text = hashlib.sha256()
    for name in rows.schema.names:
        column = rows[name].combine_chunks()
        text.update(name.encode())
        for buffer in column.buffers():
            text.update(b"" if buffer is None else buffer)
    return text.hexdigest(), table.num_rows


def main(arguments: Sequence[str]) -> int:
    """Run both sweeps; 1 if their rows differ."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million_orders")
    parser.add_argument("--share", type=int, default=1, help="one in so many of the configurations")
    points = max(20, POINTS // parser.parse_args(arguments).share // 20 * 20)
    with tempfile.TemporaryDirectory() as folder:
        whole, torn = Path(folder) / "whole", Path(folder) / "torn"
        seconds = undisturbed(points, whole)
        print(f"{points * PER_POINT:,} configurations undisturbed: {seconds:.0f} s", flush=True)
        kills = killed(points, torn, max(4.0, seconds / 4))
        same = digest(whole) == digest(torn)
        print(f"killed {kills} times and resumed: {'the same rows' if same else 'OTHER ROWS'}")
        return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
