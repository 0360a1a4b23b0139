"""Gauges, their dashboard and recipe: each is exported, shown and explained under one name."""

import json
import re

import pytest
import yaml
from ray.core.generated import common_pb2

from sweeper.executors.ray import cluster as connecting
from sweeper.executors.ray import gauges, runtime_env
from sweeper.executors.ray.runtime_env import ROOT

DOCS = ROOT / "docs" / "cluster"
NAME = re.compile(r"ray_sweeper_\w+")


class Recorded:
    """A gauge that keeps what it was set to."""

    values: dict[str, object] = {}  # noqa: RUF012 -- cleared by `recorded`

    def __init__(self, name, description, tag_keys):
        self.name, self.tag_keys = name, tag_keys

    def set(self, value, tags):
        assert set(tags) == set(self.tag_keys)
        Recorded.values[self.name] = (value, *tags.values())


@pytest.fixture
def recorded(monkeypatch):
    monkeypatch.setattr(gauges, "Gauge", Recorded)
    Recorded.values.clear()
    return Recorded.values


def test_a_sweep_exports_what_its_driver_alone_knows(recorded):
    sweep = gauges.SweepGauges("sma-NASDAQ")
    sweep.show_luck(None)
    sweep.show(7, 2)
    assert recorded == {
        "sweeper_blocks_waiting": (7, "sma-NASDAQ"),
        "sweeper_runs_failed": (2, "sma-NASDAQ"),
    }
    sweep.show_luck(0.44)
    assert recorded["sweeper_luck_line"] == (0.44, "sma-NASDAQ")


def exported():
    """Names of all gauges in the sources; Prometheus adds `_total` to a counter's."""
    sources = [
        ROOT / "sweeper" / "executors" / "ray" / f"{name}.py" for name in ("gauges", "worker")
    ]
    text = "".join(path.read_text() for path in sources)
    found = re.findall(r'(Counter|Gauge)\(\s*"(sweeper_\w+)"', text)
    return {f"ray_{name}{'_total' * (kind == 'Counter')}" for kind, name in found}


def test_the_dashboard_shows_every_gauge_and_the_page_explains_it():
    board = json.loads((DOCS / "grafana-dashboard.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    assert len(exported()) == 6
    assert set(NAME.findall(" ".join(asked))) == exported()
    assert set(NAME.findall((ROOT / "docs" / "cluster.md").read_text())) == exported()
    places = [tuple(panel["gridPos"].values()) for panel in board["panels"]]
    assert len(set(places)) == len({panel["id"] for panel in board["panels"]}) == len(places)


def test_a_worker_of_a_sweep_is_found_by_the_name_of_the_sweep():
    board = json.loads((DOCS / "grafana-dashboard.json").read_text())
    text = json.dumps(board).replace("$sweep", "sma-NASDAQ")
    (pattern,) = set(re.findall(r'worker=~\\"([^"\\]+)', text))
    assert re.fullmatch(pattern, "sma-NASDAQ-00")
    assert not re.fullmatch(pattern, "sma-NASDAQ-dispatcher")


def test_the_recipe_reads_the_list_that_the_head_keeps():
    from ray._private.ray_constants import PROMETHEUS_SERVICE_DISCOVERY_FILE

    recipe = yaml.safe_load((DOCS / "prometheus.yml").read_text())
    ((files,),) = [job["file_sd_configs"] for job in recipe["scrape_configs"]]
    assert files == {"files": [f"/tmp/ray/{PROMETHEUS_SERVICE_DISCOVERY_FILE}"]}


def test_a_job_of_our_own_carries_the_name_of_the_experiment(monkeypatch):
    def metadata(name):
        return dict(common_pb2.JobConfig.FromString(connecting._named(name)._serialize()).metadata)

    monkeypatch.delenv(runtime_env.JOB, raising=False)
    assert metadata("gold") == {"job_name": "gold"}
    assert metadata(None) == {}
    monkeypatch.setenv(runtime_env.JOB, "{}")
    assert metadata("gold") == {}
