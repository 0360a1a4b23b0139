"""The histogram next to luck, and train next to test."""

import math

import numpy as np
import pytest

import store.report.distribution as spread_module
from store.analysis.sharpe_error import Z, gap_error
from store.report.distribution import distribution, sample, train_and_test
from tests.store.reported import TRAIN_TEST, family

NAN = float("nan")


def test_a_distribution_counts_every_run_or_says_so():
    values = np.append(np.linspace(0, 1, 400), [1e9])
    shown = distribution([family({}, values)], "sharpe")
    assert sum(shown.counts) == 400
    assert len(shown.edges) == len(shown.counts) + 1
    assert shown.note == "1 runs far off are not drawn"
    halves = [family({}, values[:200]), family({}, values[200:400])]
    assert (sum(distribution(halves, "sharpe").counts), distribution(halves, "sharpe").note) == (
        400,
        "",
    )
    assert sum(distribution([family({}, np.full(7, 0.5))], "sharpe").counts) == 7
    assert distribution([], "sharpe") is None


def test_expected_are_as_many_runs_of_normal_sharpe_ratios():
    rng = np.random.default_rng(0)
    luck = rng.normal(0, math.sqrt(252 / 4025), 20_000)
    shown = distribution([family({}, luck)], "sharpe")
    assert sum(shown.expected) == pytest.approx(20_000, rel=1e-3)
    tall = [(n, e) for n, e in zip(shown.counts, shown.expected, strict=True) if e > 100]
    assert len(tall) > 20
    assert all(abs(n - e) < 5 * math.sqrt(e) for n, e in tall)
    assert distribution([family({}, luck)], "calmar").expected == ()


def test_several_train_windows_are_surer_than_one():
    windows = [{"role": f"train_{k}", "start": 1000 * k, "stop": 1000 * k + 1000} for k in (0, 1)]
    group = {"windows": windows}
    values = np.linspace(-1, 1, 100)
    wide = distribution([family({}, values, windows=windows[:1])], "sharpe").expected
    assert max(distribution([family({}, values, **group)], "sharpe").expected) > max(wide)


def test_train_beside_test():
    error = gap_error([(0, 1000)], [(1000, 1500)], 252)
    train = np.array([0.0, 0.5, 1.0, 9.0])
    test = np.array([0.1, 0.5 - 1.01 * Z * error, 1.0 - 0.99 * Z * error, NAN])
    gap = train_and_test([family({"a": [1, 2, 3, 4]}, train, test, windows=TRAIN_TEST)], "sharpe")
    assert gap.error == pytest.approx(error)
    assert gap.beyond == pytest.approx(1 / 3)
    assert gap.best == (1.0, test[2])
    assert gap.texts[0] == "sma · NASDAQ · long: a 3"
    assert gap.note == ""


def test_without_a_test_window_there_is_no_such_plot():
    assert train_and_test([family({}, [1.0, 2.0])], "sharpe") is None
    lost = family({}, [1.0, 2.0], [NAN, NAN], windows=TRAIN_TEST)
    assert train_and_test([lost], "sharpe") is None


def test_of_another_metric_no_error_is_known():
    gap = train_and_test([family({"a": [1, 2]}, [1, 2], [2, 1], windows=TRAIN_TEST)], "calmar")
    assert (gap.error, gap.beyond, gap.correlation) == (None, None, -1.0)


def test_rank_correlation_shares_ranks_among_equals():
    tied = family({"a": range(4)}, [1, 2, 2, 3], [1, 2, 3, 4], windows=TRAIN_TEST)
    assert train_and_test([tied], "sharpe").correlation == pytest.approx(0.9486832980505138)
    flat = family({"a": range(2)}, [1, 1], [1, 2], windows=TRAIN_TEST)
    assert math.isnan(train_and_test([flat], "sharpe").correlation)


def test_of_many_runs_a_part_is_drawn_and_says_so(monkeypatch):
    monkeypatch.setattr(spread_module, "MOST_DOTS", 30)
    monkeypatch.setattr(spread_module, "BEST_DOTS", 5)
    first = family({"a": range(60)}, np.arange(60.0), np.arange(60.0), windows=TRAIN_TEST)
    second = family({"a": range(40)}, -np.arange(40.0), np.ones(40), "b", windows=TRAIN_TEST)
    gap = train_and_test([first, second], "sharpe")
    assert gap.note == "30 of 100 runs are drawn, the best on train among them"
    assert gap.train[:5] == (59.0, 58.0, 57.0, 56.0, 55.0)
    assert gap.texts[-1].endswith(": a 39")


def test_a_sample_has_all_of_the_best_and_the_worst():
    order = np.arange(1_000)[::-1]
    rows = sample(order, 100, 20)
    assert rows.size == 100
    assert rows[:20].tolist() == list(range(999, 979, -1))
    assert rows[-1] == 0
    assert sample(order[:50], 100, 20).size == 50
