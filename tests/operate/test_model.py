"""The model task: fitted on what was known by then, and kept as a feature."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from operate.cycle import model
from operate.cycle.model import refit, walk_forward
from operate.records.clock import now_of
from operate.records.desk import Place
from promote.profiles.files import find
from store.data import bar_store
from store.errors import StoreError


class LeastSquares:
    """The smallest estimator there is."""

    def fit(self, features, target):
        self.slopes = np.linalg.lstsq(features, target, rcond=None)[0]

    def predict(self, features):
        return features @ self.slopes


def planted(n=600, seed=0):
    random = np.random.default_rng(seed)
    features = pd.DataFrame({"signal": random.standard_normal(n), "noise": random.random(n) - 0.5})
    target = 0.5 * features["signal"].to_numpy() + 0.5 * random.standard_normal(n)
    target[-1:] = np.nan
    return features, target


def test_it_predicts_what_is_planted_and_drops_noise():
    features, target = planted()
    done = walk_forward(features, target, LeastSquares, every=50, least=200)
    assert np.isnan(done.predictions[:200]).all()
    assert np.isfinite(done.predictions[200:]).all()
    assert np.corrcoef(done.predictions[200:-1], target[200:-1])[0, 1] > 0.5
    assert all("signal" in chosen for chosen in done.chosen)
    assert len(done.chosen) == 8


@pytest.mark.parametrize("cut", [230, 300, 301, 599])
@pytest.mark.parametrize("shock", [-50.0, 50.0])
def test_no_prediction_moves_when_later_bars_do(cut, shock):
    """The target of bar i is known at the close of bar i + 1: shocked from cut - 1 on."""
    features, target = planted()
    before = walk_forward(features, target, LeastSquares, every=50, least=200).predictions
    changed, later = features.copy(), target.copy()
    changed.iloc[cut:] += shock
    later[cut - 1 : -1] += shock
    after = walk_forward(changed, later, LeastSquares, every=50, least=200).predictions
    np.testing.assert_array_equal(before[:cut], after[:cut])


@pytest.mark.parametrize(("n", "message"), [(201, "more than 201"), (600, "not finite")])
def test_bad_features_are_refused(n, message):
    features, target = planted(n)
    features.iloc[150, 0] = np.inf
    with pytest.raises(ValueError, match=message):
        walk_forward(features, target, LeastSquares, least=200)


def test_predictions_become_a_feature_of_the_store(operated, monkeypatch):
    monkeypatch.setattr(model, "_forest", LeastSquares)
    place = Place(operated.desk, now_of(None))
    profile = find(Path("profiles"), "fast")
    said = refit(place, profile, {"columns": ["volume"], "feature": "guess"})
    assert "kept as a feature" in said
    (record,) = bar_store.records(operated.root, "features")
    assert (record.name, record.rows) == ("guess", 900 - 252)


def test_the_extra_is_named(operated, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    place = Place(operated.desk, now_of(None))
    with pytest.raises(StoreError, match="needs the extra `model`"):
        refit(place, find(Path("profiles"), "fast"), {"columns": ["volume"]})
    with pytest.raises(StoreError, match="has no feature column at all"):
        refit(place, find(Path("profiles"), "fast"), {})
