"""Feature columns that know the next bar, and those that do not."""

import numpy as np
import pytest

from kernels.foresight import FEWEST, IMPLAUSIBLE, foresight

CLOSE = 100 * np.exp(np.cumsum(np.random.default_rng(1).standard_t(4, 2000) * 0.01))


def test_a_column_of_the_next_return_gives_itself_away():
    ahead = np.append(CLOSE[1:] / CLOSE[:-1] - 1, np.nan)
    noise = np.random.default_rng(2).normal(size=CLOSE.size) * 0.01
    columns = {"close": CLOSE, "prob": np.exp(50 * ahead), "mixed": ahead + noise}
    found = foresight(columns, ["prob", "mixed"])
    assert found["prob"] == pytest.approx(1)
    assert found["mixed"] > IMPLAUSIBLE


def test_what_is_known_at_the_close_is_not_implausible():
    past = np.insert(CLOSE[1:] / CLOSE[:-1] - 1, 0, 0.0)
    columns = {"close": CLOSE, "past": past, "level": CLOSE, "sign": np.sign(past)}
    assert all(abs(one) < 0.1 for one in foresight(columns, ["past", "level", "sign"]).values())


def test_equal_values_share_their_rank():
    close = np.array([*range(1, FEWEST + 3)], float)
    close[1::2] *= 1.5
    up = np.append(close[1:] > close[:-1], False).astype(float)
    by_pandas = (
        pytest.importorskip("pandas")
        .Series(up[:-1])
        .corr(pytest.importorskip("pandas").Series(close[1:] / close[:-1] - 1), method="spearman")
    )
    assert foresight({"close": close, "up": up}, ["up"])["up"] == pytest.approx(by_pandas)


def test_too_few_or_constant_values_tell_nothing():
    few = np.where(np.arange(CLOSE.size) < FEWEST - 1, CLOSE, np.nan)
    columns = {"close": CLOSE, "few": few, "flat": np.ones_like(CLOSE)}
    assert foresight(columns, ["few", "flat"]) == {}
