"""Overrides over HTTP: sweeps of what is there, no file, no module, no other place."""

import pytest

from serve.jobs.words import checked
from serve.problems import Problem


def test_a_sweep_may_be_shaped():
    words = ["strategy=sma,rsi", "params.fast=range(5,60)", "data=nasdaq", "search=random"]
    words += ["search.n=200", "split=walk_forward", "+experiment=demo", "risk.stop_loss=0.05,0.1"]
    assert checked(words) == words


@pytest.mark.parametrize(
    "word",
    [
        "strategy.module=os",
        "strategy=custom",
        "strategy=../x",
        "data.path=/etc/passwd",
        "store.root=/tmp",
        "hydra.run.dir=/tmp",
        "hydra/launcher=x",
        "ray.address=evil",
        "--config-dir=/tmp",
        "-cd=/tmp",
        "~strategy",
        "strategy",
        "name=${oc.env:HOME}",
        "name=a\nb",
        "+experiment=../../x",
        "+data.path=/etc/passwd",
        "data@x=y",
        "name=" + "x" * 3000,
        "",
    ],
)
def test_what_reaches_further_is_refused(word):
    with pytest.raises(Problem) as refusal:
        checked(["strategy=sma", word])
    assert refusal.value.status == 422


def test_a_sweep_needs_a_word():
    with pytest.raises(Problem, match="name a strategy"):
        checked([])
