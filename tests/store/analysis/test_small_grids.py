"""Small grids around the defaults of five strategies: each chooses as the documented rule does."""

import itertools
from statistics import NormalDist, median

import numpy as np
import pytest

from kernels import evaluate
from kernels.registry import load as strategy
from store.analysis.neighbourhoods import plateau
from store.data import DataSpec, load

BARS = load(DataSpec(source="nasdaq"))[0].frame.iloc[:1_200]
STEPS = np.arange(-4, 5)
"""Of each of two parameters, away from its default."""
AXES = {
    "sma": {"fast": 2, "slow": 5},
    "ema": {"fast": 2, "slow": 5},
    "rsi": {"period": 1, "oversold": 2},
    "donchian": {"entry": 2, "exit": 1},
    "bollinger": {"period": 2, "width": 0.2},
}
NORMAL = NormalDist()


def sharpes(name):
    """(9, 9) Sharpe ratios over the steps of both parameters."""
    first, second = AXES[name]
    defaults = strategy(name).defaults
    values = [defaults[field] + STEPS * step for field, step in AXES[name].items()]
    one, two = np.meshgrid(*values, indexing="ij")
    return evaluate(BARS, name, {first: one.ravel(), second: two.ravel()})["sharpe"].reshape(9, 9)


def stretches():
    """Every stretch of three to six steps that holds the default."""
    for length in range(3, 7):
        for start in range(max(0, 5 - length), min(4, 9 - length) + 1):
            yield range(start, start + length)


def documented(values):
    """Strengths by the rule of the documentation, {place: strength}, one plain line each."""
    flat = sorted(values.values())
    n = len(flat)
    rank = {v: flat.index(v) + (flat.count(v) + 1) / 2 for v in set(flat)}
    score = {at: NORMAL.inv_cdf((rank[v] - 0.375) / (n + 0.25)) for at, v in values.items()}
    near = {
        (i, j): [
            score[at]
            for at in itertools.product((i - 1, i, i + 1), (j - 1, j, j + 1))
            if at in score
        ]
        for i, j in values
    }
    most = max(map(len, near.values()))
    found = {}
    for at, scores in near.items():
        k = len(scores)
        deviation = (np.pi / 2 / (k + (np.pi / 2 - 1 if k % 2 else 1.3))) ** 0.5
        found[at] = 0.45 * np.log(k / most) - np.log(NORMAL.cdf(-median(scores) / deviation))
    return found


@pytest.mark.parametrize("name", AXES)
def test_a_small_grid_with_the_defaults_in_it_chooses_as_documented(name):
    surface, grids = sharpes(name), 0
    for rows, columns in itertools.product(stretches(), repeat=2):
        places = [at for at in itertools.product(rows, columns) if at != (4, 4)]
        places.insert(0, (4, 4))  # as in a sweep: the defaults are the first run
        values = {at: float(surface[at]) for at in places}
        found = plateau(
            {
                "a": np.array([i for i, _ in places], float),
                "b": np.array([j for _, j in places], float),
            },
            np.array(list(values.values())),
        )
        strengths = documented(values)
        assert found.grid
        assert strengths[places[found.best]] == pytest.approx(max(strengths.values()), abs=1e-9)
        grids += 1
    assert grids == 256
