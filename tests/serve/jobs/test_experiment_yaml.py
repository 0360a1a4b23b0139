"""The YAML of an experiment in the words of the command line."""

import pytest

from serve.jobs.experiment_yaml import yaml_words
from serve.jobs.words import checked
from serve.problems import Problem

DEMO = """
# @package _global_
defaults:
  - override /strategy: rsi
  - _self_
name: demo
hypothesis: Trends last, and that is all
tags: [a, b]
costs: {commission: 0.001}
hydra:
  sweeper:
    params:
      data: nasdaq,sp500
      params.period: range(2,10)
      strategy.direction: long,both
"""


def test_what_it_sweeps_and_what_it_sets():
    words = yaml_words(DEMO)
    assert words[0] == "strategy=rsi"
    assert set(words) >= {"name=demo", "tags=[a,b]", "costs.commission=0.001"}
    assert words[-3:] == ["data=nasdaq,sp500", "params.period=range(2,10)",
                          "strategy.direction=long,both"]  # fmt: skip
    assert checked(words) == words


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "is no YAML"),
        ("3", "needs keys"),
        ("hydra: {sweep: {dir: /tmp}}", "of hydra only"),
        ("hydra: {sweeper: {max_batch_size: 3}}", "of hydra only"),
        ("hydra: {sweeper: {params: 3}}", "needs keys and their values"),
        ("defaults: x", "defaults is a list"),
        ("defaults: [[1]]", "cannot read"),
        ("hydra: {sweeper: {params: {params.fast: [1]}}}", "write its values as text"),
        ("a: !!python/object/apply:os.system ['true']", "is no YAML"),
    ],
)
def test_what_cannot_be_is_a_line(text, message):
    with pytest.raises(Problem) as refused:
        yaml_words(text)
    assert message in refused.value.detail
    assert "\n" not in refused.value.detail


def test_keys_of_places_are_refused_there_too():
    with pytest.raises(Problem) as refused:
        checked(yaml_words("store: {root: /tmp}\nname: x"))
    assert "may be set over HTTP" in refused.value.detail
