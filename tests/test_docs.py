"""docs/ says what is so: commands run, keys and defaults are those of the schema, links lead on."""

import re
import shlex
import subprocess
from dataclasses import fields, is_dataclass
from functools import cache
from pathlib import Path

import numpy as np
import optuna
import pytest
import yaml
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf
from typer.testing import CliRunner

from promote.cli.app import app as promote_app
from store.cli.app import app as store_app
from store.records.experiment import every
from sweeper.config.orders import FillConfig
from sweeper.config.schema import Config, typed
from sweeper.search import random
from sweeper.space.axes import Interval
from sweeper.space.override_grammar import axis_from_text
from sweeper.space.space import Space
from tests.documents import DOCS, ROOT, blocks, table_rows
from tests.sweeper.cli import run_cli

pytestmark = pytest.mark.slow


def schema_keys(config=Config, prefix=""):
    """Every key of the composed config; those of open groups are in their files."""
    for field in fields(config):
        if is_dataclass(field.type):
            yield from schema_keys(field.type, f"{prefix}{field.name}.")
        elif field.name == "fill":
            yield from schema_keys(FillConfig, "fill.")
        elif field.name in ("data", "search", "split"):
            for path in (ROOT / "conf" / field.name).glob("*.yaml"):
                yield from (f"{field.name}.{key}" for key in yaml.safe_load(path.read_text()))
        else:
            yield prefix + field.name


KEYS = {row[0].strip("`"): row for row in table_rows("configuration.md", "key")}


@cache
def composed(*overrides):
    """The config that overrides give; to be read only."""
    with initialize_config_dir(version_base="1.3", config_dir=str(ROOT / "conf")):
        return compose("config", list(overrides))


def test_every_key_is_documented_and_no_other():
    assert set(KEYS) == set(schema_keys())
    assert len(table_rows("configuration.md", "key")) == len(KEYS)


def test_defaults_are_those_that_are_composed():
    for key, row in KEYS.items():
        config = composed()
        if OmegaConf.select(config, key, default=...) is ...:  # of one option of its group
            config = composed(re.search(r"(data|search|split)=\w+", row[4])[0])
        if row[1].startswith("`"):
            assert OmegaConf.select(config, key) == yaml.safe_load(row[1].strip("`")), key


@pytest.mark.parametrize("key", KEYS)
def test_the_example_of_a_key_composes(key):
    overrides = shlex.split(KEYS[key][4].strip("`"))
    starts = (f"{key}=", f"{key}.", f"{key.partition('.')[0]}=")
    assert any(override.lstrip("+").startswith(starts) for override in overrides)
    typed(composed(*overrides))


def test_the_options_of_every_group_are_named():
    rows = {row[0].strip("`"): row[1] for row in table_rows("configuration.md", "group")}
    for folder in (path for path in (ROOT / "conf").iterdir() if path.is_dir()):
        for option in folder.glob("*.yaml"):
            assert re.search(rf"\b{option.stem}\b", rows[folder.name]), option


@pytest.mark.parametrize("row", table_rows("configuration.md", "form"), ids=lambda row: row[0])
def test_a_form_of_the_sweep_grammar(row):
    text = row[0].strip("`")
    axis = axis_from_text("params.x", text, optional="null" in text)
    if isinstance(axis, Interval):
        assert "any" in row[1] or "the same" in row[1]
    else:
        np.testing.assert_array_equal(
            axis.at(np.arange(axis.size)), list(map(float, row[1].split()))
        )


OPTUNAS = [row for row in table_rows("migration.md", "there") if "trial.suggest_" in row[0]]


@pytest.mark.parametrize("row", OPTUNAS, ids=lambda row: row[0])
def test_a_suggestion_of_optuna_and_the_words_beside_it_give_the_same_numbers(row):
    trial = optuna.create_study().ask()
    eval(row[0].strip("`"), {"trial": trial})
    (there,) = trial.distributions.values()
    words = [words.strip("'").partition("=") for words in re.findall("`(.*?)`", row[1])]
    for key, _, form in (parts if parts[1] else ("", "", parts[0]) for parts in words):
        whole = isinstance(there, optuna.distributions.IntDistribution)
        axis = axis_from_text(key or "params.x", form, integer=whole)
        if whole:
            drawn = random.make(Space((axis,)), n=10_000, seed=0)
            values, _ = drawn.points(0, drawn.size())
            assert sorted(values[:, 0]) == list(range(there.low, there.high + 1))
        else:
            assert (axis.low, axis.high, axis.log) == (there.low, there.high, there.log)


def commands():
    """Document and words of every command in a ```bash block that is not marked `not run`."""
    found = []
    for name in DOCS:
        for note, body in blocks(name, "bash"):
            if not note.startswith(("not run", "walk")):
                lines = [shlex.split(line, comments=True) for line in body.splitlines()]
                found += [(name, words) for words in lines if words]
    return [
        pytest.param(*one, id=f"{k}: {' '.join(one[1])}") for k, one in enumerate(found, start=1)
    ]


@pytest.fixture(scope="module")
def workplaces(tmp_path_factory):
    """A folder per document: its later commands see what the earlier ones left."""
    return {name: tmp_path_factory.mktemp(Path(name).stem) for name in DOCS}


@pytest.mark.parametrize(("name", "words"), commands())
def test_a_command_runs(name, words, workplaces, monkeypatch, capsys):
    monkeypatch.chdir(workplaces[name])
    if words[:3] == ["python", "-m", "sweeper"]:
        ended = run_cli(monkeypatch, capsys, *words[3:])
        assert (ended.code, bool(ended.out)) == (0, True), ended.err
    elif words[:3] == ["python", "-m", "store"]:
        ended = CliRunner().invoke(store_app, words[3:])
        assert (ended.exit_code, bool(ended.output)) == (0, True), ended.output
    elif words[:3] == ["python", "-m", "promote"]:
        ended = CliRunner().invoke(promote_app, words[3:])
        assert ended.exit_code in (0, 3), ended.output  # the gate may say no
        assert ended.output
    else:
        assert words[0] == "make", f"do not know how to run {words[0]}; mark it `not run: why`"
        told = subprocess.run(["make", "-n", *words[1:]], cwd=ROOT, capture_output=True, check=True)
        assert told.stdout


SMALL = ("-m", "params.fast=5,10", "params.slow=20,30", "executor=inline")


@pytest.mark.usefixtures("all_histories")
def test_a_sweep_says_its_size_first(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sweeper.terminal.preflight.MANY_RUNS", 9)
    out = run_cli(monkeypatch, capsys, *SMALL, "data=nasdaq,sp500").out
    first = " ".join(out.partition("runs (")[0].split())  # before the progress
    assert (
        "10 configurations, the baselines among them, on NASDAQ, SP500; window dev: 10 runs"
        in first
    )
    assert "More than 9 runs: search=random" in first
    assert re.search(r"About \d+ s of work in this process", first)
    assert re.search(
        r"On bars without skill the best of these 10 shows a Sharpe ratio of \d\.\d\d \(9 in 10 "
        r"below \d\.\d\d\) Measured on 200 redrawn histories; within three standard errors",
        first,
    )


def test_a_sweep_records_its_config(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    words = {"name": "try", "description": "what", "hypothesis": "why"}
    given = [f"{key}={value}" for key, value in words.items()]
    ended = run_cli(monkeypatch, capsys, *SMALL, *given, "tags=[a,b]", "search.seed=7")
    (experiment,) = every(tmp_path / "results")
    assert {key: getattr(experiment, key) for key in words} == words, ended.err
    assert experiment.tags == ["a", "b"]
    assert experiment.search["seed"] == 7
    assert experiment.groups[0].space["params.fast"] == "choice(5,10)"
    assert experiment.config["risk"]["stop_loss"] is None


def test_what_is_not_run_says_why():
    notes = [note for name in DOCS for note, _ in blocks(name, "bash") if note]
    assert all(re.fullmatch(r"(not run: \w|walk).*", note) for note in notes)


@pytest.mark.parametrize("name", DOCS)
def test_links_lead_somewhere(name):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", DOCS[name])
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def test_what_troubleshooting_quotes_is_printed():
    """Every quoted word of a heading stands in the code, so that a search for it leads here."""
    text = (ROOT / "docs" / "troubleshooting.md").read_text()
    headings = re.findall(r"^\*\*(.*?)\*\*", text, re.MULTILINE)
    quoted = [words for one in headings for words in re.findall(r"`([^`]+)`", one)]
    printed = [words for words in quoted if not re.fullmatch(r"\w+=\w+", words)]
    code = "".join(
        re.sub(r"\"\s+f?\"", "", path.read_text())
        for folder in ("kernels", "store", "sweeper", "promote")
        for path in (ROOT / folder).rglob("*.py")
    )
    assert len(printed) > 15
    assert [words for words in printed if words not in code] == []
