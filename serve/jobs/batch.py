"""Batches of backtests too large to wait for: a job that writes their metrics.

`python -m serve.jobs.batch FOLDER` is its process.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from serve.jobs.folder import Job, job_id
from serve.jobs.start import launch
from store.runs.plain import strict
from sweeper.backtest import Backtest, run_backtests

CONFIGS, METRICS = "configs.json", "metrics.json"
PIECE = 5_000
"""Backtests between two lines on progress."""


def start_batch(root: Path, configs: Sequence[Mapping[str, object]]) -> Job:
    """Start the job of a batch; the same batch is the same job.

    Raises:
        Problem: another job runs: 429 with Retry-After.
    """
    content = json.dumps([dict(each) for each in configs]).encode()
    job = Job(root, job_id([content.decode()]))
    if (job.folder / METRICS).is_file() and job.state == "done":
        return job
    return launch(job, {"words": [], "batch": len(configs)}, {CONFIGS: content})


def main(folder: Path) -> None:
    """Evaluate the batch of a job's folder."""
    configs = json.loads((folder / CONFIGS).read_text(encoding="utf-8"))
    backtests = [Backtest(**{k: v for k, v in c.items() if k != "timeframe"}) for c in configs]
    metrics: list[dict[str, float]] = []
    while len(metrics) < len(backtests):
        metrics += run_backtests(backtests[len(metrics) : len(metrics) + PIECE])
        done, total = len(metrics), len(backtests)
        sys.stdout.write(f"{done:,}/{total:,} runs ({100 * done // total} %)\n")
        sys.stdout.flush()
    draft = folder / f"{METRICS}.new"
    draft.write_text(json.dumps(strict({"metrics": metrics})), encoding="utf-8")
    draft.replace(folder / METRICS)


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1]))
    except ValueError as error:
        sys.stdout.write(f"{error}\n")
        sys.exit(2)
