"""Figures of the universes by vectorbt and alphalens: JSON on the output. Runs in .venv-peers."""

import contextlib
import io
import json
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd
import vectorbt as vbt
from alphalens import performance, utils

from benchmarks.peers.panel_samples import CAPITAL, QUANTILES, RANKED, Sample, digest, samples
from benchmarks.peers.panel_tables import tables


def by_vectorbt(sample: Sample) -> list[float]:
    """Equity at each close: one purse, orders to a share of it, sales first, no costs."""
    opened, close = tables(sample)
    target = np.full(close.shape, np.nan)
    target[sample.bars + 1] = sample.weights
    purse = vbt.Portfolio.from_orders(
        close, target, price=opened, size_type="targetpercent", group_by=True, cash_sharing=True,
        call_seq="auto", init_cash=CAPITAL, freq="1D",
    )  # fmt: skip
    return [float(value) for value in purse.value()]


def by_alphalens(sample: Sample) -> dict[str, list[float]]:
    """Rank correlation of scores and returns by period, and mean returns by quantile."""
    opened, _ = tables(sample)
    fills = opened.iloc[sample.bars + 1].set_axis(
        pd.bdate_range("2020-01-01", periods=sample.bars.size, tz="UTC")
    )
    scores = pd.DataFrame(sample.scores, fills.index, fills.columns).stack()
    with contextlib.redirect_stdout(io.StringIO()):
        clean = utils.get_clean_factor_and_forward_returns(
            scores, fills, quantiles=QUANTILES, periods=(1,), max_loss=1.0, filter_zscore=None
        )
    coefficients = performance.factor_information_coefficient(clean).iloc[:, 0]
    means, _ = performance.mean_return_by_quantile(clean, by_date=True, demeaned=False)
    by_quantile = means.iloc[:, 0].groupby(level="factor_quantile").mean()
    return {
        "rank ic": [float(value) for value in coefficients],
        "quantiles": [float(value) for value in by_quantile],
    }


def main() -> None:
    """Print all answers."""
    warnings.simplefilter("ignore")
    answers = {
        "samples": digest(),
        "versions": {n: version(n) for n in ("vectorbt", "alphalens-reloaded", "pandas")},
        "vectorbt": {name: by_vectorbt(sample) for name, sample in samples().items()},
        "alphalens": by_alphalens(samples()[RANKED]),
    }
    print(json.dumps(answers))


if __name__ == "__main__":
    main()
