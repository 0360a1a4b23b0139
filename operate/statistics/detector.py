"""e-detector: evidence that a mean has fallen, at an unknown time, since some bar.

M_t = (M_{t-1} + 1) (1 + l (m - y_t)), averaged over l; an alarm at M >= A has an average run length
of at least A bars while the mean is m (Shin, J., Ramdas, A. and Rinaldo, A. (2024), "E-detectors: a
nonparametric framework for sequential change detection", NEJSDS 2(2), eq. 14 and theorem 2.4).
Returns whose mean comes and goes break the premise, so A is the larger of that and of a bootstrap.
"""

import numpy as np

from kernels.jit.array_types import Floats
from operate.statistics.resampled import paths

BETS = (0.02, 0.04, 0.08, 0.12)
CLIP = 4.0
MEDIAN_OF_MAXIMA = 0.37
"""An exponential run length of mean T has ended by T in 63 of 100 cases."""


def detector(values: Floats, mean: float) -> Floats:
    """(..., n) evidence along the last axis that the mean has fallen below `mean`.

    Args:
        values: in units of their standard deviation; winsorised at CLIP.
        mean: before the change, in the same units.
    """
    factors = 1 + np.multiply.outer(np.array(BETS), mean - np.clip(values, -CLIP, CLIP))
    evidence = np.zeros(factors.shape[:-1])
    result = np.empty(factors.shape)
    for t in range(values.shape[-1]):
        evidence = (evidence + 1) * factors[..., t]
        result[..., t] = evidence
    average: Floats = result.mean(axis=0)
    return average


def threshold(
    returns: Floats, bars: int, block: float, *, draws: int = 200, seed: int = 2
) -> float:
    """The A of an average run length of `bars` bars on the profile's own returns.

    Args:
        returns: (n,) of the profile per bar.
        bars: between two false alarms, on average.
        block: mean length of a block.
        draws: resampled paths.
        seed: of the draws.
    """
    deviation = returns.std()
    drawn = paths(returns, bars, draws, block, seed) / deviation
    mean = float(np.clip(returns / deviation, -CLIP, CLIP).mean())
    highest = detector(drawn, mean).max(axis=1)
    return max(float(bars), float(np.quantile(highest, MEDIAN_OF_MAXIMA)))
