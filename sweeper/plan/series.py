"""Bars of one symbol without the holdout, in arrays that travel to workers."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from kernels.portfolio.evaluate import panel_of
from kernels.portfolio.panel import Panel
from kernels.series.bars import Detail
from store.data import Dataset
from store.data.outline import Outline, outline
from store.records.holdout import bars_before
from sweeper.config.error_text import DoesNotFit

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """The bars of one symbol that a sweep may read: those before the holdout.

    `days` are the trading days of intraday bars, None of others; see `Dataset.days`. Of a universe
    `panel` has the bars of all its symbols, and the columns are those of their index.
    `outline` is that of all bars, the holdout included, by which the ledger recognises them.
    `detail` are finer bars, None without.
    """

    symbol: str
    timeframe: str
    fingerprint: str
    columns: Mapping[str, Floats]
    times: NDArray[np.datetime64]
    days: NDArray[np.int64] | None = None
    panel: Panel | None = None
    outline: Outline | None = None
    detail: Detail | None = None

    @classmethod
    def before_holdout(cls, dataset: Dataset, holdout: float | str) -> "Series":
        """Cut the holdout off, so that no worker ever holds it. The fingerprint is the whole's.

        Raises:
            DoesNotFit: a date with no bar before it, or none from it on.
        """
        try:
            n_kept = bars_before(pd.DatetimeIndex(dataset.frame.index), holdout)
        except ValueError as error:
            raise DoesNotFit(str(error)) from None
        kept = dataset.clocked_frame().iloc[:n_kept]
        columns = {str(name): kept[name].to_numpy(np.float64) for name in kept.columns}
        times = pd.DatetimeIndex(kept.index).tz_localize(None).to_numpy("datetime64[us]")
        days = None if dataset.days is None else dataset.days[:n_kept]
        panel = panel_of(dataset.series()).before(n_kept) if dataset.members else None
        whole = outline(dataset.frame, dataset.days)
        finer = None if dataset.detail is None else dataset.series().detail
        detail = None if finer is None else finer.before(n_kept)
        return cls(
            dataset.symbol,
            dataset.timeframe,
            dataset.fingerprint,
            columns,
            times,
            days,
            panel,
            whole,
            detail,
        )
