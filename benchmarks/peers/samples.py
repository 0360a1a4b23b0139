"""Return series that our statistics and those of the peers are given. Imports NumPy only."""

import hashlib

import numpy as np

BENCHMARKS = (0.0, 0.05)
SCHEMES = ((6, 2, 0, 0), (6, 2, 1, 2), (5, 3, 2, 0), (8, 2, 0, 3))
"""Groups, test groups, purge and embargo, on 12 observations per group."""
PER_GROUP = 12
HALVES = (2, 6, 8)
"""Blocks of the cross-validation by halves."""


def records() -> dict[str, np.ndarray]:
    """Series of returns, of every shape that a Sharpe ratio's error depends on."""
    random = np.random.default_rng(11)
    normal = random.standard_normal(500)
    return {
        "normal": 0.0004 + 0.01 * normal,
        "short": 0.002 + 0.01 * normal[:30],
        "losing": -0.001 + 0.01 * normal,
        "fat tails": 0.0005 + 0.01 * random.standard_t(4, 1000),
        "skewed left": 0.001 - 0.01 * (random.exponential(1, 750) - 1),
        "skewed right": 0.001 + 0.01 * (random.exponential(1, 750) - 1),
    }


def searches() -> dict[str, np.ndarray]:
    """Tables of returns, (240 bars, configurations)."""
    random = np.random.default_rng(12)
    noise = 0.01 * random.standard_normal((240, 15))
    skilled = noise.copy()
    skilled[:, 4] += 0.002
    alike = 0.9 * noise[:, :1] + 0.3 * noise
    return {
        "noise": noise,
        "skilled": skilled,
        "alike": alike,
        "with equals": np.hstack([noise[:, :4], noise[:, :4], noise[:, 2:3]]),
    }


def digest() -> str:
    """SHA-256, hex, of all samples: another version of NumPy may draw others."""
    found = hashlib.sha256()
    for table in (*records().values(), *searches().values()):
        found.update(np.ascontiguousarray(table).tobytes())
    return found.hexdigest()
