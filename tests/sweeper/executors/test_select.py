"""The executor that `auto` takes: by the estimated work, the cores and the Ray around."""

import pytest

from sweeper.config.schema import Config, LocalConfig, RayConfig
from sweeper.executors import select
from sweeper.executors.inline import InlineExecutor
from sweeper.executors.local.executor import LocalExecutor
from sweeper.executors.ray.guest import Host


@pytest.fixture(autouse=True)
def two_cores_and_no_ray(monkeypatch):
    monkeypatch.setattr(select, "cores", lambda: 2)
    monkeypatch.setattr(Host, "around", classmethod(lambda cls: None))
    monkeypatch.delenv("RAY_ADDRESS", raising=False)


def where(seconds, **settings):
    return select.foresee(Config(**settings), seconds).words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.9, "in this process, too little to spread"),
        (1.0, "on 2 local processes"),
        (140.0, "on 2 local processes"),
        (141.0, "on 2 Ray workers"),
    ],
)
def test_auto_goes_by_the_work_of_each_core(seconds, words):
    assert where(seconds) == words


def test_on_one_core_nothing_is_forked(monkeypatch):
    monkeypatch.setattr(select, "cores", lambda: 1)
    assert where(30.0) == "in this process, on its one core"
    assert where(71.0) == "on 1 Ray workers"


def test_where_a_fork_is_not_safe_auto_takes_ray_and_who_asks_gets_it(monkeypatch):
    monkeypatch.setattr(select, "SAFE_TO_FORK", False)
    assert where(30.0) == "on 2 Ray workers"
    assert where(30.0, executor="local") == "on 2 local processes"


def test_a_cluster_that_is_named_is_used_whatever_the_work(monkeypatch):
    assert where(0.1, ray=RayConfig("head:6379")) == "on one core of the cluster at head:6379"
    monkeypatch.setenv("RAY_ADDRESS", "head:6379")
    assert "Ray" in where(0.1)
    assert where(0.1, executor="inline") == "in this process"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (4.9, "in this process, too little for Ray to pay"),
        (5.0, "on 2 workers of the Ray of this process"),
    ],
)
def test_beside_a_ray_of_this_process_nothing_is_forked_unasked(monkeypatch, seconds, words):
    monkeypatch.setattr(Host, "around", classmethod(lambda cls: cls(2.0, 0.0, 2.0)))
    assert where(seconds) == words
    assert where(seconds, executor="local") == "on 2 local processes"


def test_the_executor_is_the_one_foreseen(tmp_path):
    for seconds, kind in ((0.5, InlineExecutor), (5.0, LocalExecutor)):
        with select.chosen(Config(), seconds, "sma", tmp_path, print, lambda: None) as chosen:
            assert isinstance(chosen.executor, kind)


def test_a_number_of_processes_is_kept_or_refused():
    three = LocalConfig(workers=3)
    assert where(5.0, local=three) == "on 3 local processes"
    assert where(5.0, executor="local", local=LocalConfig(workers=1)) == "on 1 local process"
    with pytest.raises(ValueError, match=r"^local.workers: must be >= 1, got 0$"):
        where(5.0, local=LocalConfig(workers=0))
