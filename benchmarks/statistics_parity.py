"""Statistics: the same figures as skfolio and ffn give.

`--record` writes what they answered to tests/peers, where `make test` compares with it.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from benchmarks.peers.client import PEERS_PYTHON, ROOT
from benchmarks.peers.samples import (
    BENCHMARKS,
    HALVES,
    PER_GROUP,
    SCHEMES,
    digest,
    records,
    searches,
)
from promote.statistics import cscv, deflated_sharpe, probabilistic_sharpe
from store.analysis.cpcv import Scheme

RECORD = ROOT / "tests" / "peers" / "statistics.json"
TOLERANCE = 1e-9

Moments = tuple[float, int, float, float]


def ask() -> dict[str, Any]:
    """What the peers say now."""
    command = [str(PEERS_PYTHON), "-m", "benchmarks.peers.with_statistics"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def moments(r: np.ndarray, corrected: bool = False) -> Moments:
    """Sharpe ratio, periods, skew and raw kurtosis of a series.

    The last two are those of the sample, as skfolio takes them, or corrected for the bias of small
    samples, as ffn takes them from pandas.
    """
    n, z = r.size, (r - r.mean()) / r.std()
    skew, excess = float((z**3).mean()), float((z**4).mean()) - 3
    if corrected:
        skew *= np.sqrt(n * (n - 1)) / (n - 2)
        excess = (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * excess + 6)
    return float(r.mean() / r.std(ddof=1)), n, skew, excess + 3


def differences(answers: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Every figure of the peers by name, and how far ours is from it."""
    if answers["samples"] != digest():
        raise ValueError(
            "samples: drawn otherwise; python -m benchmarks.statistics_parity --record"
        )
    for name, r in records().items():
        for theirs, benchmark in zip(answers["records"][name], BENCHMARKS, strict=True):
            mine = probabilistic_sharpe(*moments(r), benchmark)
            yield f"PSR of {name} against {benchmark}", abs(mine - theirs)
    for name, table in searches().items():
        yield from _of_search(name, table, answers["searches"][name])
    for options, theirs in zip(SCHEMES, answers["schemes"], strict=True):
        yield f"CPCV of {options}", 0.0 if _scheme(*options) == theirs else np.inf


def _of_search(name: str, table: np.ndarray, theirs: dict[str, Any]) -> Iterator[tuple[str, float]]:
    sharpes = table.mean(axis=0) / table.std(axis=0, ddof=1)
    best, luck = table[:, sharpes.argmax()], (sharpes.size, float(sharpes.var(ddof=1)))
    for peer, corrected in (("skfolio", False), ("ffn", True)):
        mine = deflated_sharpe(*moments(best, corrected), *luck)
        yield f"DSR of {name} ({peer})", abs(mine - theirs[f"{peer} deflated"])
    for blocks in HALVES:
        halved = table.reshape(blocks, -1, table.shape[1])
        found = cscv(halved.sum(axis=1), (halved**2).sum(axis=1), [halved.shape[1]] * blocks)
        yield f"PBO of {name}, {blocks} blocks", abs(found.pbo - theirs["pbo"][str(blocks)])
        logits = np.sort(found.logits) - theirs["logits"][str(blocks)]
        yield f"logits of {name}, {blocks} blocks", float(np.abs(logits).max())


def _scheme(groups: int, k: int, purge: int, embargo: int) -> dict[str, Any]:
    """Ours in the form of theirs, who keep as far from the end of a test as purge and embargo."""
    scheme = Scheme.cut(groups, k, groups * PER_GROUP, purge, purge + embargo)
    return {
        "train": [np.flatnonzero(row).tolist() for row in scheme.train],
        "test": [np.flatnonzero(row).tolist() for row in scheme.test],
        "paths": scheme.paths().tolist(),
    }


def main(record: bool) -> int:
    """Ask the peers and compare; 1 if a figure differs by more than the tolerance."""
    answers = ask()
    found = dict(differences(answers))
    worst = max(found, key=lambda name: found[name])
    beyond = [name for name, difference in found.items() if not difference <= TOLERANCE]
    print(", ".join(f"{name} {version}" for name, version in answers["versions"].items()))
    print(
        f"{len(found) - len(beyond)} of {len(found)} figures agree, "
        f"largest difference {found[worst]:.0e} ({worst})"
    )
    if record:
        about = {"made by": "python -m benchmarks.statistics_parity --record"}
        RECORD.write_text(json.dumps(about | answers) + "\n")
    return int(bool(beyond))


if __name__ == "__main__":
    sys.exit(main("--record" in sys.argv[1:]))
