"""Importance of parameters: by hand, where nothing matters, where all is one, and off."""

import itertools

import numpy as np
import pytest

from store.analysis.importance import LEVELS, levels, main_effects, ped_anova

NAN = float("nan")


def test_main_effects_by_hand():
    a, b = np.array(list(itertools.product((1.0, 2.0), (1.0, 2.0, 3.0)))).T
    metric = 10 * a + b  # SST = 150 + 4; within a: 4 of n - k = 4; within b: 150 of n - k = 3
    found = main_effects({"a": a, "b": b}, metric)
    assert found["a"] == pytest.approx(1 - (4 / 4) / (154 / 5))
    assert found["b"] == 0  # 150 / 3 is more than 154 / 5


def test_what_does_not_matter_gets_nothing_by_chance():
    rng = np.random.default_rng(2)
    columns = {f"p{k}": rng.integers(0, 40, 2_000).astype(float) for k in range(30)}
    found = np.array(list(main_effects(columns, rng.normal(size=2_000)).values()))
    assert found.max() < 0.02
    assert (found == 0).sum() > 8  # the uncorrected ratio would be 39 / 1999 on average


def test_all_of_it():
    x = np.linspace(0, 1, 4_000)
    found = main_effects({"x": x, "none": np.arange(4_000) % 7.0}, np.sin(9 * x))
    assert found["x"] > 0.99
    assert found["none"] < 0.01


def test_lost_values_are_left_out_and_off_is_a_level():
    stop = np.array([NAN, NAN, NAN, 0.1, 0.1, 0.1])
    metric = np.array([1.0, 1.0, np.inf, 3.0, 3.0, NAN])
    assert main_effects({"stop": stop}, metric) == {"stop": 1.0}


def test_nothing_to_explain():
    for metric in (np.ones(4), np.full(4, NAN)):
        assert np.isnan(main_effects({"a": np.arange(4.0)}, metric)["a"])
    assert np.isnan(main_effects({"a": np.arange(4.0)}, np.arange(4.0))["a"])  # a run a level
    assert np.isnan(ped_anova({"a": np.arange(4.0)}, np.full(4, NAN))["a"])
    assert np.isnan(ped_anova({"a": np.arange(4.0)}, np.ones(4))["a"])


def test_pearson_divergence_by_hand():
    a = np.repeat([1.0, 2.0], 50)
    b = np.tile(np.repeat([1.0, 2.0], 25), 2)
    metric = np.where(a == 1, 0.0, 0.0)
    metric[50:60] = 1.0  # the best ten: a is 2, b is 1
    found = ped_anova({"a": a, "b": b}, metric)
    assert found == {"a": pytest.approx(0.5), "b": pytest.approx(0.5)}
    metric[[55, 56, 57, 58, 59]] = 0.0
    metric[[75, 76, 77, 78, 79]] = 1.0  # now half of them have b = 2
    assert ped_anova({"a": a, "b": b}, metric) == {"a": 1.0, "b": 0.0}
    assert ped_anova({"a": a, "b": b}, -metric, highest=False) == {"a": 1.0, "b": 0.0}


def test_it_asks_about_the_best_where_variance_asks_about_all():
    rng = np.random.default_rng(3)
    junk, fine = rng.random(20_000), rng.random(20_000)
    metric = np.where(junk < 0.3, -5.0, 0.0) + 0.2 * fine  # bad below .3; else only fine counts
    columns = {"junk": junk, "fine": fine}
    assert main_effects(columns, metric)["junk"] > 0.9
    assert ped_anova(columns, metric)["fine"] > 0.9


def test_levels_have_no_holes_and_bounded_number():
    rng = np.random.default_rng(1)
    many = np.append(rng.lognormal(size=9_999), NAN)
    found = levels(many)
    assert found.max() == LEVELS  # and off after the parts
    assert np.bincount(found)[:-1].min() >= 150
    assert (np.diff(found[np.argsort(many[:-1])]) >= 0).all()
    heavy = np.where(rng.random(1_000) < 0.9, 0.0, rng.random(1_000))
    assert np.bincount(levels(heavy)).min() > 0
    assert levels(np.array([3.0, 1.0, 3.0])).tolist() == [1, 0, 1]
