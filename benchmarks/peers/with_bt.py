"""Equities of the universes by bt: JSON on the output. Runs where pandas is older than 3.

python -m venv .cache/venv-bt && .cache/venv-bt/bin/pip install bt==1.1.2 "pandas<3"
"""

import json
from importlib.metadata import version

import bt
import pandas as pd

from benchmarks.peers.panel_samples import CAPITAL, Sample, digest, samples
from benchmarks.peers.panel_tables import tables


def by_bt(sample: Sample) -> list[float]:
    """Equity at each close by bt, which fills at the close that decides, no costs."""
    _, close = tables(sample)
    target = pd.DataFrame(sample.weights, close.index[sample.bars], close.columns)
    rules = bt.Strategy("momentum", [bt.algos.WeighTarget(target), bt.algos.Rebalance()])
    run = bt.Backtest(rules, close, initial_capital=CAPITAL, integer_positions=False)
    bt.run(run)
    return [float(value) for value in run.strategy.values.reindex(close.index)]


def main() -> None:
    """Print all answers."""
    answers = {
        "samples": digest(),
        "versions": {name: version(name) for name in ("bt", "pandas")},
        "bt": {name: by_bt(sample) for name, sample in samples().items() if sample.same},
    }
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
