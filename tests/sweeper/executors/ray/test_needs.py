"""What workers ask of nodes, and what is said while they wait or a node is lost."""

import pytest
from ray.util import placement_group_table

from sweeper.config.schema import RayConfig
from sweeper.executors.ray import attention
from sweeper.executors.ray.attention import LOOK_SECONDS, WAIT_SECONDS, Attention
from sweeper.executors.ray.executor import RayExecutor
from sweeper.executors.ray.needs import Asked, Needs, check_numbers
from sweeper.executors.ray.worker import Worker
from tests.sweeper.fake_work import FakeWork, run_block


def node(key, cores, alive=True, labels=None, **resources):
    return {
        "NodeID": key,
        "Alive": alive,
        "NodeManagerAddress": f"10.0.0.{key}",
        "Resources": {"CPU": cores, **resources},
        "Labels": labels or {},
    }


NODES = [node("1", 4.0), node("2", 8.0, gpu_node=1.0, labels={"pool": "cheap"})]


@pytest.mark.parametrize(
    ("needs", "workers"),
    [
        (Needs(), 12),
        (Needs({"CPU": 3.0}), 3),
        (Needs({"gpu_node": 0.01}), 8),
        (Needs({"gpu_node": 0.25}), 4),
        (Needs({"gpu_nod": 0.25}), 0),
        (Needs(labels={"pool": "cheap"}), 8),
        (Needs(labels={"pool": "dear"}), 0),
        (Needs(labels={"pool": "!in(gpu)"}), 12),
    ],
)
def test_as_many_workers_as_the_nodes_have_room_for(needs, workers):
    assert needs.room(NODES) == workers
    assert needs.room([node("3", 64.0, alive=False, gpu_node=1.0), *NODES]) == workers


def test_cores_that_the_caller_holds_are_left_out():
    assert Needs().room([node("1", 2.0)], held=1.0) == 1
    assert Needs().room([node("1", 2.0)], held=0.5) == 1


@pytest.mark.parametrize(
    ("resources", "complaint"),
    [
        ({"gpu_node": 0.0}, r"^ray\.resources\.gpu_node: must be above 0, got 0"),
        ({"gpu_node": float("nan")}, r"^ray\.resources\.gpu_node: must be above 0, got nan"),
        ({"gpu_node": "much"}, r"^ray\.resources\.gpu_node: must be above 0, got much"),
        ([1], r"^ray\.resources: must be a mapping"),
        ({"CPU": 0.5}, r"^ray\.resources\.CPU: a worker keeps a core busy, got 0\.5"),
    ],
)
def test_amounts_that_make_no_sense_are_refused(resources, complaint):
    with pytest.raises(ValueError, match=complaint):
        Needs.of(RayConfig(resources=resources, labels={}))


def test_a_worker_asks_ray_for_them():
    asked = Worker.default_resource_request({"needs": Needs({"gpu_node": 0.01}, {"pool": "a"})})
    assert asked.bundles == [{"CPU": 1.0, "gpu_node": 0.01}]
    assert asked._bound.arguments["bundle_label_selector"] == [{"pool": "a"}]
    assert Worker.default_resource_request({"needs": Needs()}).bundles == [{"CPU": 1.0}]


@pytest.mark.parametrize(
    ("config", "asked"),
    [
        (RayConfig(), Asked(12, 12)),
        (RayConfig(workers=5), Asked(5, 0)),
        (RayConfig(max_workers=4), Asked(4, 0)),
        (RayConfig(max_workers=12), Asked(12, 0)),
        (RayConfig(max_workers=64), Asked(12, 52)),
        (RayConfig(workers=5, max_workers=5), Asked(5, 0)),
    ],
)
def test_an_autoscaler_is_asked_for_no_more_than_the_bound(config, asked):
    """Twelve places there are: as many again, or up to the bound."""
    assert Asked.of(config, 12, grows=True) == asked
    assert Asked.of(config, 12, grows=False) == Asked(asked.workers)


def test_a_cluster_without_room_is_asked_for_one_worker():
    assert Asked.of(RayConfig(), 0, grows=True) == Asked(1, 1)


def test_ray_has_no_more_placement_groups_than_workers_were_asked_for(cluster, tmp_path):
    """An autoscaler reads those that wait as demand."""
    groups = []

    def count(_):
        table = placement_group_table().values()
        groups.append(sum(each["state"] != "REMOVED" for each in table))

    executor = RayExecutor(2, "few", room=1, inherits=cluster.inherits)
    executor.run(run_block, FakeWork(tmp_path, seconds=0.05), [range(12)], count)
    assert 0 < max(groups) <= 3


@pytest.mark.parametrize(
    ("config", "complaint"),
    [
        (RayConfig(max_workers=0), r"^ray\.max_workers: must be >= 1, got 0$"),
        (RayConfig(workers=9, max_workers=8), r"^ray\.workers: must be <= ray\.max_workers, got 9"),
    ],
)
def test_bounds_that_make_no_sense_are_refused(config, complaint):
    with pytest.raises(ValueError, match=complaint):
        check_numbers(config)


class Scene:
    """A cluster as `Attention` sees it, and a clock."""

    def __init__(self, monkeypatch, needs=None):
        self.now, self.nodes, self.groups, self.words = 0.0, list(NODES), {}, []
        monkeypatch.setattr(attention.ray, "nodes", lambda: self.nodes)
        monkeypatch.setattr(attention, "placement_group_table", lambda: self.groups)
        self.attention = Attention(self.words.append, needs or Needs(), lambda: self.now)

    def look(self, working, seconds):
        for _ in range(round(seconds)):
            self.now += 1.0
            self.attention.look(working)


def test_it_says_once_that_it_waits_and_again_when_it_waits_again(monkeypatch):
    scene = Scene(monkeypatch)
    scene.look(True, 30)
    scene.look(False, WAIT_SECONDS - 1)
    assert scene.words == []
    scene.look(False, 3 * WAIT_SECONDS)
    line = (
        "waiting for cores: all 12 of the cluster are taken by others; the sweep goes on by itself"
    )
    assert scene.words == [line]
    scene.look(True, 5)
    scene.look(False, 3 * WAIT_SECONDS)
    assert scene.words == [line, line]


def test_a_worker_that_is_slow_to_start_waits_for_no_core(monkeypatch):
    scene = Scene(monkeypatch)
    scene.groups["ours"] = {"state": "CREATED"}
    scene.look(False, 3 * WAIT_SECONDS)
    assert scene.words == []


def test_it_says_what_no_node_has(monkeypatch):
    scene = Scene(monkeypatch, Needs({"gpu_nod": 0.01}, {"pool": "cheap"}))
    scene.look(False, 2 * WAIT_SECONDS)
    (line,) = scene.words
    assert "no node of the cluster has {CPU: 1, gpu_nod: 0.01} and labels {pool: cheap}" in line


def test_a_lost_node_is_said_once(monkeypatch):
    scene = Scene(monkeypatch)
    scene.nodes = [NODES[0], {**NODES[1], "Alive": False}]
    scene.look(True, 4 * LOOK_SECONDS)
    (line,) = scene.words
    assert line.startswith("lost the node 10.0.0.2 with 8 cores; the sweep goes on")
