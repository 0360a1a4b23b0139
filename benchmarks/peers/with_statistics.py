"""What skfolio and ffn say of the samples: one JSON text on the output. Runs in .venv-peers."""

import json
import warnings
from importlib.metadata import version
from typing import Any

import ffn
import numpy as np
import pandas as pd
from skfolio import measures
from skfolio.model_selection import CombinatorialPurgedCV

from benchmarks.peers.samples import (
    BENCHMARKS,
    HALVES,
    PER_GROUP,
    SCHEMES,
    digest,
    records,
    searches,
)


def of_records() -> dict[str, Any]:
    """Probabilistic Sharpe ratio of every series against every benchmark."""
    return {
        name: [float(measures.probabilistic_sharpe_ratio(r, b)) for b in BENCHMARKS]
        for name, r in records().items()
    }


def of_searches() -> dict[str, Any]:
    """Of every table: the deflated Sharpe ratio of the best, and cross-validation by halves."""
    found = {}
    for name, table in searches().items():
        sharpes = table.mean(axis=0) / table.std(axis=0, ddof=1)
        best = table[:, sharpes.argmax()]
        halves = {
            blocks: ffn.core.calc_prob_backtest_overfitting(
                pd.DataFrame(table), n_blocks=blocks, full_output=True
            )
            for blocks in HALVES
        }
        found[name] = {
            "skfolio deflated": float(measures.deflated_sharpe_ratio(best, sharpes)),
            "ffn deflated": float(
                ffn.core.calc_deflated_sharpe_ratio(
                    pd.Series(best), sharpes, nperiods=1, annualized_trials=False
                )
            ),
            "pbo": {blocks: half["pbo"] for blocks, half in halves.items()},
            "logits": {blocks: sorted(half["logits"].tolist()) for blocks, half in halves.items()},
        }
    return found


def of_schemes() -> list[dict[str, Any]]:
    """Splits and paths of combinatorial purged cross-validation."""
    found = []
    for groups, k, purge, embargo in SCHEMES:
        cv = CombinatorialPurgedCV(groups, k, purged_size=purge, embargo_size=embargo)
        splits = list(cv.split(np.zeros((groups * PER_GROUP, 1))))
        found.append(
            {
                "train": [train.tolist() for train, _ in splits],
                "test": [np.sort(np.concatenate(test)).tolist() for _, test in splits],
                "paths": cv.recombined_paths.T.tolist(),
            }
        )
    return found


def main() -> None:
    """Print all answers."""
    warnings.simplefilter("ignore")
    names = ("skfolio", "ffn", "numpy", "pandas", "scipy")
    answers = {
        "versions": {name: version(name) for name in names},
        "samples": digest(),
        "records": of_records(),
        "searches": of_searches(),
        "schemes": of_schemes(),
    }
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
