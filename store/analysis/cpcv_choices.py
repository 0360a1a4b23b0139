"""Reading a combinatorial cross-validation: every choice a search would have made, run by run."""

import math
from collections.abc import Iterator
from typing import Any

import numpy as np

from store.analysis.block_sharpe import Floats, block_bars, block_sums
from store.analysis.cpcv import Scheme, path_sharpes, split_sharpes
from store.files.arrow_types import Dataset
from store.records.comparable_groups import Pool
from store.records.run_numbering import Ints
from store.runs.columns import BLOCK_SUMS

MOST_CELLS = 4_000_000
"""Sharpe ratios held at a time, runs times splits: 32 MB."""


def scheme(pool: Pool, blocks: int) -> Scheme | None:
    """Cross-validation scheme of a pool's one window; None when there is none."""
    config, (window, *others) = pool.groups[0].split, pool.windows
    if config.get("kind") != "cpcv" or others:
        return None
    return Scheme.of(config, window.stop - window.start, blocks)


def blocks_of(runs: Dataset) -> int:
    """Parts of a window whose sums a dataset of runs holds."""
    kind: Any = runs.schema.field(BLOCK_SUMS[0]).type
    return int(kind.list_size)


def cross_validate(runs: Dataset, pool: Pool, plan: Scheme) -> dict[str, object]:
    """Out-of-sample result of choosing by Sharpe ratio, over all paths; JSON types.

    Args:
        runs: dataset of the experiment.
        pool: one of its pools.
        plan: of the pool.

    Returns:
        `paths`: the annual Sharpe ratio of each path; `median`, `min`, `max` of them and `below_0`,
        the share that lost; `in_sample`: mean annual Sharpe ratio of the chosen on what they were
        chosen on. Empty lists and None without runs.
    """
    bars, annual = _bars(pool, plan), math.sqrt(pool.periods_per_year)
    score = np.full(len(plan.train), -np.inf)
    run = np.zeros(score.size, np.int64)
    sums, squares = np.zeros(plan.train.shape), np.zeros(plan.train.shape)
    for numbers, total, square in _parts(runs, pool, MOST_CELLS // score.size):
        scores = np.nan_to_num(split_sharpes(total, square, bars, plan.train), nan=-np.inf)
        best = scores.argmax(axis=0)
        top = scores[best, np.arange(score.size)]
        better = (top > score) | ((top == score) & (numbers[best] < run))
        score, run = np.where(better, top, score), np.where(better, numbers[best], run)
        sums[better], squares[better] = total[best[better]], square[best[better]]
    context = {
        "symbol": pool.symbol,
        **{name: pool.groups[0].split[name] for name in KEYS},
        "splits": len(plan.train),
    }
    if not np.isfinite(score).all():
        return context | {"paths": [], "in_sample": None}
    paths = path_sharpes(sums, squares, bars, plan) * annual
    return context | {
        "paths": paths.tolist(),
        **_spread(paths),
        "in_sample": float(score.mean()) * annual,
        "chosen": len(set(run.tolist())),
    }


KEYS = ("groups", "test_groups", "purge", "embargo")


def run_sharpes(runs: Dataset, pool: Pool, plan: Scheme, number: int) -> dict[str, object]:
    """Annual Sharpe ratios of one run on the test groups of every split: how they spread."""
    for numbers, total, square in _parts(runs, pool, MOST_CELLS // len(plan.test)):
        if number in numbers:
            row = numbers == number
            sharpes = split_sharpes(total[row], square[row], _bars(pool, plan), plan.test)[0]
            return {"splits": len(plan.test), **_spread(sharpes * math.sqrt(pool.periods_per_year))}
    return {}


def _spread(sharpes: Floats) -> dict[str, float]:
    return {
        "median": float(np.median(sharpes)),
        "min": float(sharpes.min()),
        "max": float(sharpes.max()),
        "below_0": float((sharpes < 0).mean()),
    }


def _bars(pool: Pool, plan: Scheme) -> Ints:
    window = pool.windows[0]
    return block_bars(window.stop - window.start, plan.group.size)


def _parts(runs: Dataset, pool: Pool, rows: int) -> Iterator[tuple[Ints, Floats, Floats]]:
    """Numbers, block sums and sums of squares of the pool's finished runs, in parts by number."""
    for batch in runs.to_batches(columns=["run", "status", *BLOCK_SUMS], batch_size=max(1, rows)):
        numbers = batch["run"].to_numpy()
        done = batch["status"].to_numpy(zero_copy_only=False) == "done"
        mine = np.flatnonzero(pool.holds(numbers) & done)
        if mine.size:
            mine = mine[np.argsort(numbers[mine])]
            yield numbers[mine], *block_sums(batch.take(mine))
