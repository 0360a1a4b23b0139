"""An experiment file out of a file of scoring weights.

The file is JSON or YAML and holds names and weights, in one of three forms:

    {"SentimentScore": 0.4, "LiquidityDepth": 0.6}
    {"weights": {"SentimentScore": 0.4}, "transforms": {"SentimentScore": "zscore"}, "k": 10}
    {"feature_names": [...], "feature_weights": {...}, "feature_transformations": {...},
     "hyperparameters": {"k": 10, "seed": 42, "threshold": 0.7, "min_confidence": 0.8,
     "walk_days": 30}, "description": "...", "tags": [...]}
"""

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from store.errors import StoreError

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
TRANSFORMS = ("raw", "log", "zscore", "rank")
NUMBERS = ("k", "seed", "threshold", "min_confidence", "walk_days")
"""Hyperparameters that are understood."""
WEIGHTS = ("weights", "feature_weights")
CHANGES = ("transforms", "transformations", "feature_transformations")
TRAINED = 12
"""Test windows that a train window is as long as."""
ALIASES = {"none": "raw", "identity": "raw", "z_score": "zscore", "z-score": "zscore"}


@dataclass(frozen=True)
class Scoring:
    """Weights and transforms by feature, numbers of `NUMBERS`, and texts."""

    weights: Mapping[str, float]
    transforms: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    description: str = ""
    tags: tuple[str, ...] = ()


def read_scoring(path: Path) -> Scoring:
    """Read a file of scoring weights.

    Raises:
        StoreError: it cannot be read, or holds no weights; names the entry.
    """
    try:
        text = path.read_text(encoding="utf-8")
        values = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, ValueError, yaml.YAMLError) as error:
        reason = str(error).splitlines()[0][:120]
        raise StoreError(f"{path}: cannot be read as JSON or YAML: {reason}") from error
    if not isinstance(values, dict) or not values:
        raise StoreError(f"{path}: needs names and weights, as in {{SentimentScore: 0.4}}")
    return _scoring(str(path), values)


def _scoring(path: str, values: Mapping[str, Any]) -> Scoring:
    given = next((values[key] for key in WEIGHTS if key in values), None)
    named = given is not None
    if isinstance(given, list):
        given = dict(zip(values.get("feature_names") or (), given, strict=False))
    weights = _weights(path, values if not named else given)
    changes: object = next((values[key] for key in CHANGES if key in values), {}) if named else {}
    numbers = {**(values.get("hyperparameters") or {}), **values} if named else {}
    tags = values.get("tags") if named else ()
    return Scoring(
        weights,
        _transforms(path, changes or {}, weights),
        {key: _number(path, key, numbers[key]) for key in NUMBERS if key in numbers},
        str(values.get("description") or "") if named else "",
        tuple(map(str, tags.split(",") if isinstance(tags, str) else tags or ())),
    )


def _weights(path: str, given: object) -> dict[str, float]:
    if not isinstance(given, Mapping) or not given:
        raise StoreError(f"{path}: weights: need names and numbers, got {given!r}")
    for name in given:
        if not NAME.fullmatch(str(name)) or "__" in str(name):
            raise StoreError(
                f"{path}: {str(name)[:60]!r} is no name of a column; use letters, digits and _"
            )
    return {str(name): _number(path, str(name), value) for name, value in given.items()}


def _number(path: str, name: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise StoreError(f"{path}: {name}: needs a finite number, got {value!r}")
    return value


def _transforms(path: str, given: object, weights: Mapping[str, float]) -> dict[str, str]:
    if not isinstance(given, Mapping):
        raise StoreError(f"{path}: transforms: need names and words, got {given!r}")
    transforms = {}
    for name, word in given.items():
        plain = ALIASES.get(str(word).lower(), str(word).lower())
        if name not in weights:
            raise StoreError(f"{path}: transforms: {name} has no weight; add one, or leave it out")
        if plain not in TRANSFORMS:
            raise StoreError(
                f"{path}: transforms: {name}: need one of {', '.join(TRANSFORMS)}, got {word!r}"
            )
        transforms[str(name)] = plain
    return transforms


def experiment_text(scoring: Scoring, name: str, source: str, data: str | None = None) -> str:
    """The experiment file, YAML for `conf/experiment`.

    Args:
        scoring: of `read_scoring`.
        name: of the experiment.
        source: file that it was made of, for its first line.
        data: a file of conf/data, None to leave it to the command.
    """
    numbers = dict(scoring.numbers)
    walk, seed = numbers.pop("walk_days", None), numbers.pop("seed", None)
    defaults: list[object] = [{"override /strategy": "ranking"}]
    defaults += [{"override /data": data}] if data else []
    defaults += [{"override /split": "walk_forward"}] if walk else []
    body: dict[str, object] = {"defaults": defaults, "name": name}
    body |= {"description": scoring.description} if scoring.description else {}
    body |= {"tags": list(scoring.tags)} if scoring.tags else {}
    transforms = {each: scoring.transforms.get(each, "raw") for each in scoring.weights}
    body["strategy"] = {"features": transforms}
    params = {"k": int(numbers.pop("k", 10)), **{key: float(v) for key, v in numbers.items()}}
    body["params"] = params | {"weights": {key: float(v) for key, v in scoring.weights.items()}}
    if seed is not None:
        body["search"] = {"seed": int(seed)}
    if walk:
        body["split"] = {"train": f"{int(TRAINED * walk)}d", "test": f"{int(walk)}d"}
    text = yaml.safe_dump(body, sort_keys=False, allow_unicode=True)
    return f"# @package _global_\n# Scoring weights of {source}; sweep others next to them.\n{text}"
