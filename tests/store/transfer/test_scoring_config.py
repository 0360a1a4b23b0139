"""Scoring weights become an experiment file that composes."""

import json

import pytest
import yaml
from typer.testing import CliRunner

from store.cli.app import app
from store.errors import StoreError
from store.transfer.scoring_config import read_scoring

THIRD = {
    "feature_names": ["SentimentScore", "LiquidityDepth"],
    "feature_weights": {"SentimentScore": 0.6, "LiquidityDepth": 0.4},
    "feature_transformations": {"SentimentScore": "zscore"},
    "hyperparameters": {
        "k": 10,
        "seed": 42,
        "threshold": 0.7,
        "min_confidence": 0.8,
        "walk_days": 30,
    },
    "description": "production",
    "tags": ["baseline", "q4-2024"],
}


def written(tmp_path, values, *options):
    path = tmp_path / "gem.json"
    path.write_text(json.dumps(values))
    return CliRunner().invoke(app, ["from-scoring-config", str(path), *options])


def test_a_whole_config_becomes_an_experiment(tmp_path):
    result = written(tmp_path, THIRD, "--data", "synthetic_universe")
    assert result.exit_code == 0
    assert result.output.startswith("# @package _global_\n")
    conf = yaml.safe_load(result.output)
    assert conf["params"] == {
        "k": 10,
        "threshold": 0.7,
        "min_confidence": 0.8,
        "weights": {"SentimentScore": 0.6, "LiquidityDepth": 0.4},
    }
    assert conf["strategy"]["features"] == {"SentimentScore": "zscore", "LiquidityDepth": "raw"}
    assert conf["split"] == {"train": "360d", "test": "30d"}
    assert conf["search"] == {"seed": 42}
    assert (conf["description"], conf["tags"]) == ("production", ["baseline", "q4-2024"])
    assert conf["defaults"][1] == {"override /data": "synthetic_universe"}


def test_plain_names_and_weights_are_enough(tmp_path):
    conf = yaml.safe_load(written(tmp_path, {"quality": 0.7, "noise": 0.3}).output)
    assert conf["params"] == {"k": 10, "weights": {"quality": 0.7, "noise": 0.3}}
    assert "split" not in conf


def test_a_file_is_written_once(tmp_path):
    out = tmp_path / "conf" / "gem.yaml"
    first = written(tmp_path, {"quality": 1}, "--out", str(out))
    assert "+experiment=gem" in first.output
    again = written(tmp_path, {"quality": 1}, "--out", str(out))
    assert again.exit_code == 2
    assert "is there already" in again.stderr


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"weights": {"a": "x"}}, "a: needs a finite number, got 'x'"),
        ({"weights": {"a": 1}, "transforms": {"b": "log"}}, "b has no weight"),
        ({"weights": {"a": 1}, "transforms": {"a": "sqrt"}}, "need one of raw, log, zscore, rank"),
        ({"weights": {}}, "weights: need names and numbers"),
        ({"a b": 1}, "'a b' is no name of a column"),
        ([1], "needs names and weights"),
    ],
)
def test_what_holds_no_weights_is_refused(tmp_path, values, message):
    path = tmp_path / "bad.json"
    path.write_text(json.dumps(values))
    with pytest.raises(StoreError, match=message):
        read_scoring(path)
