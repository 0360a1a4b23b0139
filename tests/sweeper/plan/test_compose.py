"""`sweep()` in other people's Hydra applications and threads."""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import hydra
import pytest
from hydra import compose, initialize_config_dir, version
from hydra.core.config_store import ConfigStore
from hydra.core.global_hydra import GlobalHydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import OmegaConf
from omegaconf import _utils as omegaconf_utils

from store.query.results import Results
from store.runs.parquet import encode
from sweeper.plan.compose import composing
from sweeper.sweep import sweep
from tests.sweeper.cli import run_cli

pytestmark = pytest.mark.slow

THREADS = (
    ("strategy=sma", "params.fast=range(5,15)", "params.slow=30,50"),
    ("strategy=rsi", "search=random", "search.n=30"),
    ("strategy=ema", "params.fast=5,10", "data=sp500"),
    ("+experiment=sma_grid", "params.slow=100,200"),
    ("strategy=glob(*ma)", "search=random", "search.n=10", "split=train_test"),
)


@pytest.fixture
def host(tmp_path):
    """The folder of a host's own configs, `app.yaml` and a group `strategy`."""
    folder = tmp_path / "conf"
    (folder / "strategy").mkdir(parents=True)
    (folder / "app.yaml").write_text("defaults: [strategy: mine, _self_]\nrate: 3\n")
    (folder / "strategy" / "mine.yaml").write_text("kind: of the host\n")
    return folder


def rows(root):
    table = Results(root).runs("latest").sort_by("run")
    return encode(table.drop_columns(["experiment_id"]).combine_chunks())


def test_five_threads_at_once_give_the_rows_of_five_commands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for number, words in enumerate(THREADS):
        ended = run_cli(monkeypatch, capsys, "-m", *words, f"store.root=command{number}")
        assert ended.code == 0, ended.err
    start = threading.Barrier(len(THREADS))

    def run(number):
        start.wait()
        return sweep(*THREADS[number], f"store.root=thread{number}").status

    with ThreadPoolExecutor(len(THREADS)) as pool:
        assert list(pool.map(run, range(len(THREADS)))) == ["done"] * len(THREADS)
    for number in range(len(THREADS)):
        assert rows(f"thread{number}") == rows(f"command{number}")


def test_five_threads_may_write_into_one_store(tmp_path):
    start = threading.Barrier(len(THREADS))

    def run(words):
        start.wait()
        return sweep(*words, f"store.root={tmp_path}")

    with ThreadPoolExecutor(len(THREADS)) as pool:
        experiments = list(pool.map(run, THREADS))
    assert len({experiment.id for experiment in experiments}) == len(THREADS)
    for experiment in experiments:
        whole = experiment.counts["done"] + experiment.counts["skipped"]  # of threads before it
        assert Results(tmp_path).runs(experiment.id).num_rows == whole


def test_a_host_composes_as_before_after_a_sweep_in_its_open_context(host, tmp_path):
    words = ("params.fast=5,10", f"store.root={tmp_path / 'results'}")
    with initialize_config_dir(str(host), version_base="1.2", job_name="theirs"):
        mine, before = GlobalHydra.instance().hydra, compose("app")
        assert sweep(*words).counts["done"] == 3
        assert GlobalHydra.instance().hydra is mine
        assert compose("app") == before == {"strategy": {"kind": "of the host"}, "rate": 3}
        assert str(version.getbase()) == "1.2"
    assert not GlobalHydra.instance().is_initialized()


def test_a_refused_sweep_leaves_the_host_as_it_was_too(host, tmp_path):
    with initialize_config_dir(str(host), version_base="1.2"):
        mine = GlobalHydra.instance().hydra
        with pytest.raises(ValueError, match=r"^params\.fats"):
            sweep("params.fats=5,10", f"store.root={tmp_path / 'results'}")
        assert GlobalHydra.instance().hydra is mine
        assert compose("app").rate == 3


def test_a_hydra_application_sweeps_in_its_main(host, tmp_path, monkeypatch):
    seen = []
    folder = f"hydra.run.dir={tmp_path / 'out'}"
    monkeypatch.setattr(sys, "argv", ["app.py", "rate=4", folder])

    @hydra.main(config_path=str(host), config_name="app", version_base="1.3")
    def app(config):
        name = HydraConfig.get().job.name
        experiment = sweep("params.fast=5,10", f"store.root={tmp_path / 'results'}")
        seen.append((experiment.status, config.rate, HydraConfig.get().job.name == name))

    app()
    assert seen == [("done", 4, True)]


def test_a_schema_and_a_resolver_of_the_host_survive(monkeypatch):
    repo = ConfigStore.instance().repo
    monkeypatch.setitem(repo, "schema.yaml", theirs := object())
    OmegaConf.register_new_resolver("now", lambda _: "theirs", replace=True)
    loader = omegaconf_utils.get_yaml_loader
    with composing() as composer:
        assert composer.compose([]).strategy.name == "sma"
        assert repo["schema.yaml"] is not theirs
    assert repo["schema.yaml"] is theirs
    assert OmegaConf.create({"at": "${now:%Y}"}).at == "theirs"
    assert omegaconf_utils.get_yaml_loader is loader
    OmegaConf.clear_resolver("now")
