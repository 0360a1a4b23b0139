"""Model: refit an estimator walk-forward on feature columns, and keep its predictions as a feature.

The prediction of a bar comes from a model that was fitted on targets known before that bar opened,
and on features that were chosen on windows earlier still: by permutation importance (Breiman 2001,
"Random Forests", Machine Learning 45(1), section 10).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from kernels.jit.array_types import Floats
from operate.records.desk import Place
from operate.shadow.live_bars import live_bars
from promote.profiles.profile import Profile
from store.data.features.feature_store import keep_feature, values_of
from store.errors import StoreError

EVERY, LEAST, HORIZON = 63, 252, 1
REPEATS = 5


class Estimator(Protocol):
    """Protocol of an estimator for a refit; scikit-learn's classifiers and regressors meet it."""

    def fit(self, features: Floats, target: Floats) -> object:
        """Fit to (n, k) features and (n,) targets."""

    def predict(self, features: Floats) -> object:
        """(n,) predictions of (n, k) features."""


@dataclass(frozen=True, eq=False)
class Refit:
    """Predictions of a walk-forward refit.

    Attributes:
        predictions: (n,) of each bar; NaN before the first model.
        chosen: names of the features of each model, oldest first.
    """

    predictions: Floats
    chosen: list[tuple[str, ...]]


def walk_forward(
    features: pd.DataFrame,
    target: Floats,
    make: Callable[[], Estimator],
    *,
    every: int = EVERY,
    least: int = LEAST,
    horizon: int = HORIZON,
    seed: int = 0,
) -> Refit:
    """Refit every so many bars on all that is known by then, and predict the bars until the next.

    Args:
        features: (n, k) known at the close of each bar.
        target: (n,) of each bar, known `horizon` bars later; the last ones are NaN.
        make: gives a new estimator.
        every: bars between two refits.
        least: bars before the first.
        horizon: bars after which a target is known.
        seed: of the permutations.

    Raises:
        ValueError: too few bars, or a feature that is not finite where it is needed.
    """
    values = features.to_numpy(np.float64)
    if len(values) <= least + horizon:
        raise ValueError(f"model: needs more than {least + horizon} bars, got {len(values)}")
    if not np.isfinite(values[least // 2 :]).all():
        raise ValueError("model: a feature is not finite; leave it out, or begin later")
    result, chosen = np.full(len(values), np.nan), []
    random = np.random.default_rng(seed)
    for first in range(least, len(values), every):
        # Bar first - horizon - 1 is the last whose target is known when bar `first` closes.
        rows = np.flatnonzero(np.isfinite(values[: first - horizon]).all(axis=1))
        kept = _important(values, target, rows, make, random)
        model = make()
        model.fit(values[rows][:, kept], target[rows])
        stop = min(first + every, len(values))
        result[first:stop] = np.asarray(model.predict(values[first:stop][:, kept]), np.float64)
        chosen.append(tuple(str(features.columns[k]) for k in kept))
    return Refit(result, chosen)


def _important(
    values: Floats,
    target: Floats,
    rows: Any,
    make: Callable[[], Estimator],
    random: np.random.Generator,
) -> list[int]:
    """Features whose shuffling makes the last quarter worse, fitted on the quarters before."""
    cut = rows[: 3 * rows.size // 4], rows[3 * rows.size // 4 :]
    model = make()
    model.fit(values[cut[0]], target[cut[0]])
    base = _error(model, values[cut[1]], target[cut[1]])
    kept = []
    for column in range(values.shape[1]):
        worse = []
        for _ in range(REPEATS):
            shuffled = values[cut[1]].copy()
            shuffled[:, column] = random.permutation(shuffled[:, column])
            worse.append(_error(model, shuffled, target[cut[1]]) - base)
        if np.mean(worse) > 0:
            kept.append(column)
    return kept or list(range(values.shape[1]))


def _error(model: Estimator, features: Floats, target: Floats) -> float:
    return float(np.mean((np.asarray(model.predict(features), np.float64) - target) ** 2))


def refit(place: Place, profile: Profile, config: Mapping[str, Any]) -> str:
    """Refit on the profile's bars and keep the predictions as a feature of the store.

    Args:
        place: where.
        profile: whose bars and feature columns.
        config: `feature`, the name to keep it as; `columns`, the features; `horizon`, `every`,
            `least` in bars.

    Returns:
        What was done, in a sentence.
    """
    bars = live_bars(profile, place.now)
    columns = list(config.get("columns") or [c for c in bars.frame if c not in PRICES])
    missing = [name for name in columns if name not in bars.frame]
    if missing or not columns:
        raise StoreError(f"model: {profile.ref} has no feature column {(missing or ['at all'])[0]}")
    horizon = int(config.get("horizon", HORIZON))
    close = bars.frame["close"].to_numpy(np.float64)
    target = np.full(close.size, np.nan)
    target[:-horizon] = close[horizon:] / close[:-horizon] - 1
    options = {key: int(config[key]) for key in ("every", "least") if key in config}
    done = walk_forward(bars.frame[columns], target, _forest, horizon=horizon, **options)
    name = str(config.get("feature", f"{profile.profile}_model"))
    closes = pd.DatetimeIndex(bars.closes.astype("datetime64[ns]")).tz_localize("UTC")
    table = pd.DataFrame({"time": closes, "value": done.predictions}).dropna()
    rows = values_of(table, name, "level", "value")
    origin = {"source": "model", "profile": profile.ref, "columns": columns}
    keep_feature(place.root, name, rows, "level", origin, replacing=True)
    return f"{name}: {len(rows):,} predictions of {len(done.chosen)} models kept as a feature"


PRICES = ("open", "high", "low", "close", "volume")


def _forest() -> Estimator:
    try:
        from sklearn.ensemble import RandomForestRegressor
    except ImportError:
        raise StoreError(
            "model: needs the extra `model`: .venv/bin/python -m pip install scikit-learn"
        ) from None
    forest: Estimator = RandomForestRegressor(n_estimators=200, min_samples_leaf=20, random_state=0)
    return forest
