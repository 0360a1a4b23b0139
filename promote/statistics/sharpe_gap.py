"""Test of a fall in Sharpe ratio from one window to the next."""

import math
from typing import NamedTuple

from numpy.typing import ArrayLike

from promote.statistics.probabilistic import sharpe_variance, sharpe_z
from store.analysis.block_sharpe import FLAT
from store.resampling.numbers import at_least, series


class Record(NamedTuple):
    """A Sharpe ratio and what its error depends on.

    Attributes:
        sharpe: per period, not annual.
        n: periods it was estimated from, 2 or more.
        skew: of the returns.
        kurtosis: of the returns, raw: normal = 3.
    """

    sharpe: float
    n: float
    skew: float = 0.0
    kurtosis: float = 3.0

    @classmethod
    def of(cls, returns: ArrayLike) -> "Record":
        """The record of returns per period (n,), n at least 2.

        Raises:
            ValueError: they do not vary: nothing was traded.
        """
        r = series("returns", returns, 2)
        centred = r - r.mean()
        variance = float((centred**2).mean())
        if variance <= FLAT * float((r**2).mean()):
            raise ValueError(f"returns: none of {r.size:,} bars differs; nothing was traded")
        skew, kurtosis = (float((centred**k).mean()) / variance ** (k / 2) for k in (3, 4))
        return cls(float(r.mean()) / float(r.std(ddof=1)), r.size, skew, kurtosis)

    @property
    def z(self) -> float:
        """Standard errors by which the Sharpe ratio is above 0."""
        return sharpe_z(self.sharpe, self.n, self.skew, self.kurtosis)


def gap_z(before: Record, after: Record) -> float:
    """Fall of the Sharpe ratio on a later window, in standard errors.

    Source: Lo, A. W. (2002), "The statistics of Sharpe ratios", Financial Analysts Journal 58(4),
    equation 9, with the term for skew and kurtosis of Mertens (2002); windows without common bars
    are independent, so that their variances add.

    The best of many was chosen for its Sharpe ratio on the first window, which is too high for that
    reason alone. So a large value says that the choice, or the market, does not last; which of
    them it does not say.

    Args:
        before: on the window it was chosen on, `train` or `dev`.
        after: on a window that has no bar of the first, `test` or `holdout`.

    Returns:
        A z value; 1.645 and more comes up once in 20 times by chance; below 0: it has risen.

    Raises:
        ValueError: as `sharpe_variance`, or a window of less than 2 periods.
    """
    variance = sum(
        sharpe_variance(record.sharpe, record.skew, record.kurtosis)
        / (at_least("n", record.n, 2) - 1)
        for record in (before, after)
    )
    return (before.sharpe - after.sharpe) / math.sqrt(variance)
