import math

import numpy as np
import pytest

from store.analysis.expected_max_sharpe import expected_max_sharpe, noise_sharpe


def quadrature(n):
    """E[max of n standard normals] = integral of z n phi(z) Phi(z)^(n-1)."""
    z = np.linspace(-9, 9, 20_001)
    density = np.exp(-z * z / 2) / math.sqrt(2 * math.pi)
    below = np.array([0.5 * math.erfc(-value / math.sqrt(2)) for value in z])
    return np.trapezoid(z * n * density * below ** (n - 1), z)


@pytest.mark.parametrize(("n", "within"), [(2, 0.08), (10, 0.025), (100, 0.01), (1e4, 0.003)])
def test_near_the_expected_maximum_of_normals(n, within):
    assert expected_max_sharpe(n, 1.0) == pytest.approx(quadrature(n), rel=within)


def test_by_hand_for_two_trials():
    """Z^-1[1/2] is 0, so only gamma Z^-1[1 - 1/(2e)] is left; that quantile is 0.900448..."""
    assert 0.5 * math.erfc(0.900448 / math.sqrt(2)) == pytest.approx(1 / (2 * math.e), rel=1e-5)
    assert expected_max_sharpe(2, 4.0) == pytest.approx(2 * 0.5772157 * 0.900448, rel=1e-5)


def test_grows_with_trials_scales_with_deviation_and_holds_for_very_many():
    values = [expected_max_sharpe(n, 1.0) for n in (1, 1.1, 1.3, 2, 3, 10, 1e3, 1e9, 1e18, 1e300)]
    assert values == sorted(values)
    assert values[:2] == [0.0, 0.0]
    assert values[-2] == pytest.approx(math.sqrt(2 * math.log(1e18)), rel=0.05)
    assert expected_max_sharpe(50, 0.09) == pytest.approx(0.3 * expected_max_sharpe(50, 1.0))
    assert expected_max_sharpe(0, 1.0) == expected_max_sharpe(1, 1.0) == 0.0
    assert expected_max_sharpe(1000, 0.0) == 0.0


def test_annual_and_against_simulated_noise():
    """1,000 skill-free histories of 500 bars: their best Sharpe ratio, averaged over 40 sweeps."""
    assert noise_sharpe(1000, 501, 252.0) == pytest.approx(
        math.sqrt(252) * expected_max_sharpe(1000, 1 / 500)
    )
    rng = np.random.default_rng(5)
    best = []
    for _ in range(40):
        returns = rng.standard_normal((1000, 500))
        best.append((returns.mean(1) / returns.std(1, ddof=1)).max() * math.sqrt(252))
    assert np.mean(best) == pytest.approx(noise_sharpe(1000, 500, 252.0), rel=0.03)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((-1, 1.0), "n_trials: must be 0 or more"),
        ((math.nan, 1.0), "n_trials"),
        ((math.inf, 1.0), "n_trials"),
        ((5, -0.1), "variance: must be 0 or more"),
        ((5, math.nan), "variance"),
        ((5, math.inf), "variance"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        expected_max_sharpe(*arguments)


@pytest.mark.parametrize(
    ("n_bars", "periods", "message"),
    [(1, 252.0, "n_bars: must be 2"), (9, 0.0, "periods_per"), (9, math.nan, "periods_per")],
)
def test_bad_history_is_refused(n_bars, periods, message):
    with pytest.raises(ValueError, match=message):
        noise_sharpe(10, n_bars, periods)
