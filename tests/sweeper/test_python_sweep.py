"""`sweep(...)` gives what the command gives."""

import asyncio

import pytest
from omegaconf import OmegaConf

from store.query.results import Results
from store.records import experiment as experiments
from store.runs.parquet import encode
from sweeper.sweep import sweep
from tests.sweeper.cli import run_cli

WORDS = ("strategy=sma,rsi", "params.fast=5,10", "search=random", "search.n=20")


def rows(root):
    return encode(Results(root).runs().drop_columns(["experiment_id"]))


@pytest.mark.parametrize(
    "words",
    [
        ("params.fast=range(5,15)", "params.slow=30,50"),
        ("strategy=glob(*ma)", "search=random", "search.n=20", "data=nasdaq,sp500"),
        ("+experiment=sma_grid", "params.slow=100,200"),
        ("search=bayes", "search.n=20", "split=train_test"),
    ],
)
def test_the_same_rows_as_the_command(tmp_path, monkeypatch, capsys, words):
    monkeypatch.chdir(tmp_path)
    assert run_cli(monkeypatch, capsys, "-m", *words, "store.root=command").code == 0
    experiment = sweep(*words, "store.root=python")
    assert experiment.status == "done"
    assert rows("python") == rows("command")
    (other,) = experiments.every(tmp_path / "command")
    assert (experiment.plan_hash, experiment.name) == (other.plan_hash, other.name)
    same = [word for word in other.command if not word.startswith("store.root")]
    assert experiment.command[:-1] == same
    assert OmegaConf.create(experiment.config) == OmegaConf.create(
        other.config | {"store": {"root": "python"}}
    )


@pytest.mark.parametrize(
    ("word", "complaint"),
    [
        ("params.fats=3,4", "params.fats: strategy sma has no such parameter"),
        ("search.nn=3", "search.nn: grid has no such key"),
        ("search.mode=up", "search.mode: must be one of max, min, got 'up'"),
        ("search.seed=x", "search.seed: must be a whole number, got 'x'"),
    ],
)
def test_bad_input_is_a_value_error(tmp_path, monkeypatch, word, complaint):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=complaint):
        sweep(word)
    assert list(tmp_path.iterdir()) == []


def test_a_dry_run_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    experiment = sweep("params.fast=range(5,15)", "dry_run=true")
    out = capsys.readouterr().out
    assert "11 runs" in out
    assert "On bars without skill the best of these" in " ".join(out.split())
    assert "Dry run: nothing was run" in out
    assert list(tmp_path.iterdir()) == []
    done = sweep("params.fast=range(5,15)")
    assert (done.counts["done"], done.plan_hash) == (11, experiment.plan_hash)
    capsys.readouterr()
    assert sweep("params.fast=range(5,15)", "dry_run=true").id == done.id
    assert "11 of them are in the store already; 0 to run" in capsys.readouterr().out


def test_async_code_goes_on_meanwhile(tmp_path):
    turns = 0

    async def main():
        nonlocal turns
        words = ("params.fast=range(5,60)", "params.slow=range(60,160)", f"store.root={tmp_path}")
        running = asyncio.create_task(asyncio.to_thread(sweep, *words))
        while not running.done():
            turns += 1
            await asyncio.sleep(0.001)
        return await running

    assert asyncio.run(main()).counts["done"] == 5501
    assert turns > 1
