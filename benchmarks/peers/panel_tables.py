"""The universes as tables of pandas, as its users have them."""

import pandas as pd

from benchmarks.peers.panel_samples import Sample


def tables(sample: Sample) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Opens and closes, a column per symbol."""
    times = pd.date_range("2020-01-01", periods=sample.close.shape[1], freq="D")
    names = [f"S{i:02d}" for i in range(len(sample.close))]
    return (
        pd.DataFrame(sample.opened.T, times, names),
        pd.DataFrame(sample.close.T, times, names),
    )
