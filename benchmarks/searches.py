"""Searches that learn: bayes against random on a planted optimum, refine against a whole grid.

    python -m benchmarks.searches [bayes] [refine] [--seeds N] [--write]

Both unless one is named; ten minutes on a core. `--write` puts the tables into docs/benchmarks.md.
"""

import argparse
import io
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from itertools import product
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from scipy.stats import wilcoxon

from benchmarks.peers.client import ROOT
from benchmarks.planted.bars import bars, planted
from benchmarks.planted.clues import Params
from benchmarks.report.part import Part
from benchmarks.report.table import replace_marked
from kernels import Settings, evaluate
from store.data import DataSpec, load
from store.query.results import Results
from sweeper.backtest import Backtest, run_backtest
from sweeper.sweep import sweep

Floats = NDArray[np.float64]
Measure = Callable[[Any], float]
"""A figure of a DataFrame of runs, the higher the better."""

N = 200
"""Points of a search on the planted optimum."""
PLANTED = (
    "strategy=custom",
    "strategy.module=benchmarks.planted.clues",
    *(f"params.{name}=interval(0,1)" for name in Params._fields),
    "data=parquet",
    "data.calendar=24/7",
    "costs=free",
    f"search.n={N}",
)
GOALS = ("search.metric=[sharpe,max_drawdown]", "search.mode=[max,min]")
SEARCHES = {
    "tpe": ("search=bayes", "search.sampler=tpe"),
    "cmaes": ("search=bayes", "search.sampler=cmaes"),
    "nsga2": ("search=bayes", "search.sampler=nsga2"),
    "qmc, which learns nothing": ("search=bayes", "search.sampler=qmc"),
    "tpe, Sharpe and drawdown": ("search=bayes", "search.sampler=tpe", *GOALS),
    "nsga2, Sharpe and drawdown": ("search=bayes", "search.sampler=nsga2", *GOALS),
}


class Span(NamedTuple):
    """Values of a param: from `start` up to `stop`, which is not one of them."""

    start: float
    stop: float
    step: float = 1


GRIDS = {
    "sma": {"fast": Span(2, 502), "slow": Span(10, 2010)},
    "rsi": {"period": Span(2, 102), "oversold": Span(5, 55, 0.5), "overbought": Span(50, 100, 0.5)},
}
"""A million points for each rule of the demo; of its last two params the first is the lower."""
SHARE = 0.02
"""Of a grid's points, those that refine may run."""
NEAR = 0.99
"""Of a grid's best Sharpe ratio, what refine is to reach."""


def bayes(seeds: int) -> Part:
    """Each sampler against as many random points, on bars and with draws of every seed."""
    random: dict[Measure, list[float]] = {highest: [], area: []}
    found: dict[str, list[float]] = {name: [] for name in SEARCHES}
    summits = []
    for seed in range(seeds):
        summits.append(_summit(seed))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "PLANTED.parquet"
            bars(seed).to_parquet(path)
            words = (*PLANTED, f"data.path={path}", f"search.seed={seed}")
            drawn = runs(*words, "search=random")
            for measure, values in random.items():
                values.append(measure(drawn))
            for name, own in SEARCHES.items():
                found[name].append(_measure(name)(runs(*words, *own)))
    rows = [compared(name, found[name], random[_measure(name)]) for name in SEARCHES]
    about = (
        f"{seeds} seeds, {N} points each; the planted point itself has a Sharpe ratio of "
        f"{np.median(summits):.2f}, median."
    )
    headings = ("sampler", "better than random", "median", "random's median", "p, one-sided")
    return Part(about, headings, rows)


def highest(found: Any) -> float:
    """The best Sharpe ratio of a DataFrame of runs."""
    return float(found["sharpe"].max())


def area(found: Any) -> float:
    """What runs dominate: the area below their front of Sharpe ratio and 1 - drawdown."""
    ordered = found[found["sharpe"] > 0].sort_values("sharpe", ascending=False)
    kept = np.maximum.accumulate(1 - ordered["max_drawdown"].to_numpy())
    widths = -np.diff(ordered["sharpe"].to_numpy(), append=0)
    return float(widths @ kept)


def _measure(name: str) -> Measure:
    return area if SEARCHES[name][-1] == GOALS[-1] else highest


def compared(name: str, ours: Sequence[float], random: Sequence[float]) -> tuple[str, ...]:
    """A row: paired by seed, the p of Wilcoxon's signed-rank test (1945)."""
    won = sum(our > other for our, other in zip(ours, random, strict=True))
    p = wilcoxon(ours, random, alternative="greater").pvalue
    medians = (f"{np.median(values):.2f}" for values in (ours, random))
    return (name, f"{won} of {len(ours)}", *medians, f"{p:.2g}")


def _summit(seed: int) -> float:
    """The Sharpe ratio of the planted point."""
    params = dict(zip(Params._fields, planted(seed), strict=True))
    alone = Backtest(
        strategy="benchmarks.planted.clues",
        params=params,
        bars=bars(seed),
        symbol="PLANTED",
        commission=0,
        slippage=0,
        periods_per_year=365,
    )
    return run_backtest(alone).metrics["sharpe"]


def runs(*words: str) -> Any:
    """The points that a sweep in a store of its own has run, as a DataFrame; no baseline."""
    with tempfile.TemporaryDirectory() as folder:
        own = ("executor=inline", "holdout=0", f"store.root={folder}/results")
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            experiment = sweep(*words, *own)
        columns = ["sharpe", "max_drawdown", "baseline"]
        found = Results(f"{folder}/results").runs(experiment.id, columns).to_pandas()
    return found[~found["baseline"]]


def refine(_: int) -> Part:
    """Both rules of the demo on its indices and sides: a whole grid, and refine on a part of it."""
    rows = []
    for strategy, data, side in product(GRIDS, ("nasdaq", "sp500"), ("long", "both")):
        grid = whole_grid(strategy, data, side)
        best, n = grid.max(), int(SHARE * grid.size)
        words = [f"params.{name}=range{tuple(span)}" for name, span in GRIDS[strategy].items()]
        which = (f"strategy={strategy}", f"data={data}", f"strategy.direction={side}")
        found = runs(*which, *words, "search=refine", f"search.n={n}")
        reached = highest(found) / best
        rows.append(
            (
                f"{strategy}, {data}, {side}",
                f"{grid.size:,}",
                f"{(grid >= NEAR * best).sum()}",
                f"{len(found):,}: {100 * len(found) / grid.size:.2f} %",
                f"{100 * reached:.1f} % {'reached' if reached >= NEAR else 'missed'}",
                f"{100 * np.quantile(grid, 0.5 ** (1 / n)) / best:.1f} %",
            )
        )
    near = f"{100 * NEAR:.0f} %"
    about = f"Of the best Sharpe ratio of a grid, {near} are to be reached."
    headings = ("", "grid", f"of these above {near}", "refine ran", "best", "random, as many")
    return Part(about, headings, rows)


def whole_grid(strategy: str, data: str, side: str) -> Floats:
    """Sharpe ratios of every valid point of a grid, straight from the kernel."""
    frame = load(DataSpec(data))[0].frame
    columns = {str(name): frame[name].to_numpy() for name in frame.columns}
    given = points(GRIDS[strategy])
    settings = Settings(direction=side, commission=0.0005, slippage=0.0002)
    return evaluate(columns, strategy, given, settings)["sharpe"]


def points(spans: Mapping[str, Span]) -> dict[str, Floats]:
    """The points whose last param is above the one before it, a column per param."""
    axes = [np.arange(*span, dtype=np.float64) for span in spans.values()]
    columns = np.stack(np.meshgrid(*axes, indexing="ij")).reshape(len(axes), -1)
    valid = columns[-2] < columns[-1]
    return dict(zip(spans, columns[:, valid], strict=True))


PARTS = {"bayes": bayes, "refine": refine}


def main(arguments: Sequence[str]) -> None:
    """Measure, print, and write if asked to."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.searches", description=__doc__)
    parser.add_argument("parts", nargs="*", help=", ".join(PARTS))
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    for name in given.parts or PARTS:
        if name not in PARTS:
            parser.error(f"no part {name!r}; there are {', '.join(PARTS)}")
        part = PARTS[name](given.seeds)
        Console().print(part.table())
        if given.write:
            replace_marked(ROOT / "docs" / "benchmarks.md", f"searches-{name}", part.markdown())


if __name__ == "__main__":
    main(sys.argv[1:])
