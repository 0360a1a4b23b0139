"""Which of many beat a benchmark, all of them true with a given confidence (StepM).

Source: Romano, J. P. and Wolf, M. (2005), "Stepwise multiple testing as formalized data snooping",
Econometrica 73(4), algorithm 4.2 (studentized).
"""

import numpy as np
from numpy.typing import ArrayLike

from kernels.jit.array_types import Ints
from promote.statistics.bootstrap_maxima import chance_maxima, studentize
from promote.statistics.superior_ability import check_resampling
from store.resampling.block_length import mean_optimal_block
from store.resampling.numbers import at_least, between, matrix


def stepm(
    excess: ArrayLike,
    level: float = 0.05,
    resamples: int = 1000,
    block: float | None = None,
    seed: int = 0,
) -> Ints:
    """Configurations that beat the benchmark; with probability 1 - level no wrong one among them.

    A configuration is accepted when its studentized mean is above the (1 - level) quantile of the
    largest one that chance gives those not accepted yet, until a step accepts none.

    Args:
        excess: (T, k) returns per bar above the benchmark's, oldest first; T at least 16.
        level: of the familywise error, above 0 and below 1.
        resamples: of the bars, 100 or more; the same in every step.
        block: mean length of the resampled blocks, 1 or more; None: by `mean_optimal_block`.
        seed: of the resampling.

    Returns:
        Their columns, ascending; empty when none does.

    Raises:
        ValueError: another shape, or a value that is not finite.
    """
    table = matrix("excess", excess, "T", "k")
    check_resampling(len(table), resamples)
    quantile = 1 - between("level", level, 0, 1)
    length = mean_optimal_block(table) if block is None else at_least("block", block, 1)
    means = studentize(table, length)
    undecided = np.isfinite(means.t)
    while undecided.any():
        shifts = np.where(undecided, 0.0, -np.inf)[None, :]
        chance = chance_maxima(table, means, shifts, length, resamples, seed)[:, 0]
        accepted = undecided & (means.t > np.quantile(chance, quantile, method="higher"))
        if not accepted.any():
            break
        undecided &= ~accepted
    rejected: Ints = np.flatnonzero(np.isfinite(means.t) & ~undecided)
    return rejected
