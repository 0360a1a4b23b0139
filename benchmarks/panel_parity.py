"""Panels: the equities of vectorbt and bt, the coefficients and quantiles of alphalens.

`--record` writes what they answered to tests/peers, where `make test` compares with it. No costs:
with them both fill one symbol after the other, so that fees come out of whichever is last.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.client import PEERS_PYTHON, ROOT
from benchmarks.peers.panel_samples import CAPITAL, RANKED, Sample, digest, samples
from kernels.portfolio.accuracy import PANEL_METRICS
from kernels.portfolio.evaluate import PanelTrace, trace_panel
from kernels.portfolio.panel import prepare_panel
from kernels.portfolio.settings import PanelSettings
from kernels.registry import load

BT_PYTHON = ROOT / ".cache" / "venv-bt" / "bin" / "python"
RECORD = ROOT / "tests" / "peers" / "panels.json"
TOLERANCE = 1e-12
"""Largest difference: of an equity relative to the peer's, of others absolute."""


def ask() -> dict[str, Any]:
    """Answers of the peers; bt in an environment of its own, for it needs an older pandas."""
    answers = _said(PEERS_PYTHON, "with_panels")
    bt = _said(BT_PYTHON, "with_bt")
    if bt["samples"] != answers["samples"]:
        raise ValueError("samples: the two environments draw others")
    return answers | {"bt": bt["bt"], "versions of bt": bt["versions"]}


def _said(python: Path, module: str) -> dict[str, Any]:
    if not python.exists():
        raise FileNotFoundError(f"{python}: no such environment; see benchmarks/peers/{module}.py")
    command = [str(python), "-m", f"benchmarks.peers.{module}"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    answers: dict[str, Any] = json.loads(done.stdout)
    return answers


def traced(sample: Sample) -> PanelTrace:
    """The same by our kernels, without costs."""
    panel = prepare_panel(
        {
            f"S{i:02d}": {"open": sample.opened[i], "close": sample.close[i]}
            for i in range(len(sample.close))
        }
    )
    settings = PanelSettings(
        cadence=sample.cadence,
        commission=0.0,
        slippage=0.0,
        initial_capital=CAPITAL,
        rank_ic=True,
        periods_per_year=252.0,
    )
    params = np.array([sample.lookback, 0.0, sample.k])
    window = (0, sample.close.shape[1])
    return trace_panel(panel, load("momentum_rank"), params, settings, window)


def differences(answers: dict[str, Any]) -> Iterator[tuple[str, float]]:
    """Every answer of the peers by name, and how far ours is from it."""
    from store.report.traced.ranking import quantile_returns

    if answers["samples"] != digest():
        raise ValueError("samples: drawn otherwise; python -m benchmarks.panel_parity --record")
    ours = {name: traced(sample) for name, sample in samples().items()}
    for peer in ("vectorbt", "bt"):
        for name, theirs in answers[peer].items():
            off = np.abs(ours[name].equity / np.array(theirs) - 1.0).max()
            yield f"equity of {name} ({peer})", float(off)
    own, judged = ours[RANKED], answers["alphalens"]
    rank_ic = own.metrics[len(own.metrics) - len(PANEL_METRICS) :][PANEL_METRICS.index("rank_ic")]
    yield "rank IC (alphalens)", abs(float(rank_ic) - float(np.mean(judged["rank ic"])))
    quantiles = quantile_returns(own.scores, own.returns)
    yield "returns by quantile (alphalens)", float(np.abs(quantiles - judged["quantiles"]).max())


def main(arguments: list[str]) -> None:
    """Print the differences, the largest first; exit 1 where one is beyond the tolerance."""
    answers = ask()
    if "--record" in arguments:
        RECORD.write_text(json.dumps(answers) + "\n")
    every = sorted(differences(answers), key=lambda pair: -pair[1])
    for name, difference in every:
        print(f"{difference:10.1e}  {name}")
    sys.exit(any(not difference <= TOLERANCE for _, difference in every))


if __name__ == "__main__":
    main(sys.argv[1:])
