import numpy as np
import pytest

from kernels.series.range_summaries import (
    D2,
    FALL,
    HIGH,
    LOW,
    N_SUMMARY,
    S1,
    S2,
    S3,
    S4,
    SIZE,
    summarise,
)
from tests.kernels.market import walk


def plain(close, first, last):
    """Summary of bars first..last, each column by its definition."""
    path = close[first : last + 1]
    r = np.array([close[i] / close[i - 1] - 1 if i else 0.0 for i in range(first, last + 1)])
    out = np.empty(N_SUMMARY)
    out[[S1, S2, S3, S4]] = [(r**k).sum() for k in (1, 2, 3, 4)]
    out[D2] = (np.minimum(r, 0) ** 2).sum()
    out[HIGH], out[LOW] = path.max(), path.min()
    out[FALL] = max(1 - path[k:].min() / path[k] for k in range(path.size))
    return out


@pytest.mark.parametrize("n", [1, 63, 64, 65, 200])
def test_every_summary(n):
    bars = walk(n, seed=n)
    spans = summarise(bars["low"], bars["high"], bars["close"])
    for i in range(n):
        first = i - i % SIZE
        last = min(n, first + SIZE) - 1
        np.testing.assert_allclose(spans.heads[i], plain(bars["close"], first, i), atol=1e-14)
        np.testing.assert_allclose(spans.tails[i], plain(bars["close"], i, last), atol=1e-14)
    for block, row in enumerate(spans.blocks):
        last = min(n, (block + 1) * SIZE) - 1
        np.testing.assert_array_equal(row, spans.heads[last])
    assert len(spans.blocks) == -(-n // SIZE)


def test_running_sums_and_padding():
    bars = walk(100, seed=1)
    spans = summarise(bars["low"], bars["high"], bars["close"])
    whole = plain(bars["close"], 0, 99)
    np.testing.assert_allclose(spans.running[100], whole[[S1, S2]], atol=1e-14)
    assert spans.running[0].tolist() == [0, 0]
    assert (spans.low[100:] == np.inf).all()
    assert (spans.high[100:] == 0).all()
    assert spans.close.size == 108
    assert not any(array.flags.writeable for array in spans)
