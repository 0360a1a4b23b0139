"""A universe with a planted factor passes the gate, one without does not."""

import pytest

from promote.gate import preset
from promote.gate.evidence.options import Question
from promote.gate.judge import judge
from store.registry import open_registry
from sweeper.sweep import sweep

RANKING = (
    "strategy=ranking",
    "data=synthetic_universe",
    "data.size=24",
    "data.bars=900",
    "params.weights.quality=0,0.5,1",
    "params.weights.noise=0,0.5,1",
    "params.k=4",
    "+strategy.features.quality=zscore",
    "+strategy.features.noise=zscore",
    "strategy.direction=both",
    "portfolio.cadence=10",
    "executor=inline",
    "output=none",
)


def judged(root, *words):
    """The standard gate's word on the plateau of a sweep, its holdout read for the first time."""
    sweep(*RANKING, *words, f"store.root={root}")
    question = Question(allow_dirty=True)
    return judge(root, "latest", preset.load("standard"), question, open_registry(root))


def test_a_planted_factor_is_found_and_promoted(tmp_path):
    word = judged(tmp_path, "data.strength=0.08")
    assert [verdict.check for verdict in word.verdicts if verdict.blocks] == []
    params = word.evidence["run"]["params"]
    assert params["weights.quality"] > params["weights.noise"]
    assert word.evidence["holdout"]["looks"] == 1


@pytest.mark.parametrize("seed", [1, 2])
def test_without_a_factor_nothing_is_promoted_and_the_holdout_is_kept(tmp_path, seed):
    word = judged(tmp_path, "data.strength=0", f"data.seed={seed}")
    assert not word.passed
    assert word.evidence["holdout"] is None
    assert "evidence" in {verdict.check for verdict in word.verdicts if verdict.blocks}
