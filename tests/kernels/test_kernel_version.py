"""The numbers of a kernel version are fixed."""

import hashlib

import numpy as np

from kernels import KERNEL_VERSION, METRICS, evaluate

DIGESTS = {"1": "f5b80161ccf7aa90", "2": "76d16dd3a56d3228"}


def ladder(n):
    """Bars from integer arithmetic alone: the same on every machine."""
    state, price, rows = 12_345, 1_000.0, []
    for _ in range(n):
        opened = price
        for _ in range(4):
            state = (1_103_515_245 * state + 12_345) % 2**31
            price += (state >> 16) % 41 - 19.5
            price = max(price, 50.0)
        spread = (state >> 8) % 16
        rows.append((opened, max(opened, price) + spread, min(opened, price) - spread, price))
    return dict(zip(("open", "high", "low", "close"), np.array(rows).T, strict=True))


OF_THE_DIGESTS = METRICS[: METRICS.index("kurtosis") + 1]
"""Metrics that the digests cover: a new one, appended behind, changes no result that is stored."""


def digest():
    text = hashlib.sha256()
    bars = ladder(2_000)
    params = {"fast": np.arange(2, 12), "slow": np.arange(15, 65, 5)}
    for direction in ("long", "both"):
        for stops in ({}, {"stop_loss": 0.05, "take_profit": 0.1, "trailing_stop": 0.07}):
            got = evaluate(bars, "tests.kernels.crossing", params, {"direction": direction} | stops)
            for name in OF_THE_DIGESTS:
                text.update(" ".join(f"{x:.8g}" for x in got[name]).encode())
    return text.hexdigest()[:16]


def test_numbers_are_those_of_the_version():
    assert digest() == DIGESTS[KERNEL_VERSION], (
        "results changed: raise KERNEL_VERSION in kernels/__init__.py and add its digest here"
    )
