"""Metrics at the edges, and against 80-bit arithmetic on long series."""

import numpy as np
import pytest

from kernels import METRICS, evaluate
from kernels.engine.metrics import BLOCKS, block_edges
from kernels.registry import load

SCRIPTED = load("tests.kernels.scripted")


def wide(close, periods):
    """Return metrics of buy and hold without costs, in long double."""
    x = close.astype(np.longdouble)
    r = np.r_[np.longdouble(0), np.diff(x) / x[:-1]]
    n, mean = r.size, r.mean()
    d = r - mean
    std, m2 = np.sqrt((d * d).sum() / (n - 1)), (d * d).mean()
    down = np.sqrt((np.minimum(r, 0) ** 2).mean())
    total = x[-1] / x[0]
    return {
        "total_return": total - 1,
        "annual_return": total ** (np.longdouble(periods) / n) - 1,
        "volatility": std * np.sqrt(np.longdouble(periods)),
        "sharpe": mean / std * np.sqrt(np.longdouble(periods)),
        "sortino": mean / down * np.sqrt(np.longdouble(periods)),
        "max_drawdown": (1 - x / np.maximum.accumulate(x)).max(),
        "skew": (d**3).mean() / m2**1.5,
        "kurtosis": (d**4).mean() / m2**2,
    }


@pytest.mark.parametrize("level", [1e-4, 100.0, 1e8])
@pytest.mark.parametrize(("n", "sigma"), [(1_000_000, 0.0005), (1_000, 0.05)])
def test_long_series_to_nine_digits(level, n, sigma):
    random = np.random.default_rng(3)
    close = level * np.exp(np.cumsum(random.normal(sigma / 50, sigma, n)))
    close[1] = close[0]  # bought at the open of bar 1
    opened = np.r_[close[0], close[:-1]]
    bars = {"open": opened, "high": np.maximum(opened, close), "low": np.minimum(opened, close)}
    bars |= {"close": close, "code": np.ones(n)}
    free = {"commission": 0, "slippage": 0, "periods_per_year": 98_280}
    got = evaluate(bars, SCRIPTED, {}, free)
    for name, value in wide(close, 98_280).items():
        assert got[name][0] == pytest.approx(float(value), rel=1e-9), name
    assert got["trades"] == 1


def test_a_path_without_a_loss_has_no_risk_to_divide_by():
    close = 100 * 1.01 ** np.arange(200)
    bars = dict.fromkeys(("open", "high", "low", "close"), close) | {"code": np.ones(200)}
    got = evaluate(bars, SCRIPTED, {}, {"commission": 0, "slippage": 0})
    assert got["sortino"] == got["calmar"] == got["profit_factor"] == np.inf
    assert got["sharpe"] > 0


def test_a_small_loss_is_a_loss():
    """One fall by 1e-8 is far above the rounding of returns, and below all that trades cost."""
    close = 100 * 1.01 ** np.arange(200)
    close[100:] *= (1 - 1e-8) / 1.01
    bars = dict.fromkeys(("open", "high", "low", "close"), close) | {"code": np.ones(200)}
    got = evaluate(bars, SCRIPTED, {}, {"commission": 0, "slippage": 0})
    assert got["max_drawdown"] == pytest.approx(1e-8, rel=1e-6)
    mean = np.mean(np.r_[0, 0, np.diff(close[1:]) / close[1:-1]])
    assert got["sortino"] == pytest.approx(mean * 252**0.5 / (1e-8 / 200**0.5), rel=1e-6)


def test_one_return_has_no_deviation_not_even_by_rounding():
    """Bought at the only close: the one return is the commission, its variance is rounding."""
    bars = dict.fromkeys(("open", "high", "low", "close"), np.array([7.0]))
    for commission in (0.0001, 0.0003, 0.0007, 0.0021):
        chosen = {"fill": "same_close", "commission": commission}
        got = evaluate(bars | {"code": np.ones(1)}, SCRIPTED, {}, chosen)
        assert (got["trades"], got["sharpe"]) == (1, 0)
        assert np.isnan([got["skew"], got["kurtosis"], got["volatility"]]).all()


def test_block_edges_are_whole_bars():
    assert block_edges(64).tolist() == list(range(65))
    assert block_edges(6_400)[:3].tolist() == [0, 100, 200]
    short = block_edges(3)
    assert (short[0], short[-1], short.size) == (0, 3, BLOCKS + 1)
    assert (np.diff(short) >= 0).all()


def test_metric_names_are_unique():
    assert len(set(METRICS)) == len(METRICS)
