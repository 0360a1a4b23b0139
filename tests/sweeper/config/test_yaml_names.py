"""Names in experiment files and conf are what stands there, whatever YAML would make of them."""

import pytest
import yaml
from omegaconf import OmegaConf

from store.query.results import Results
from sweeper.config.bounded import guard_configs, load_yaml
from sweeper.config.yaml_names import CONVERTED, NOTHING
from sweeper.sweep import composing
from tests.sweeper.cli import run_cli


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *args)


WORDS = ["TRUE", "NO", "0700", "1e5", "1_000", "0x1F", ".5", "NAN", "1:30", "5"]


def read(tmp_path, text):
    """A config file as Hydra reads it."""
    guard_configs()
    path = tmp_path / "file.yaml"
    path.write_text(text)
    return OmegaConf.to_object(OmegaConf.load(path))


@pytest.mark.parametrize("word", WORDS)
def test_a_word_where_a_text_belongs_is_that_text(tmp_path, word):
    assert read(tmp_path, f"name: {word}") == {"name": word}
    assert read(tmp_path, f"tags: [{word}, NULL]") == {"tags": [word, "NULL"]}
    assert read(tmp_path, f"data:\n  symbols:\n  - {word}") == {"data": {"symbols": [word]}}
    assert read(tmp_path, f"symbols: {word}") == {"symbols": word}, "as a file of conf/data has it"


def test_the_words_are_those_that_yaml_converts():
    assert {type(load_yaml(word)) for word in WORDS} >= {bool, int, str}
    tags = {yaml.compose(word, Loader=yaml.SafeLoader).tag for word in [*WORDS, "NULL"]}
    assert tags >= {*CONVERTED, NOTHING}


def test_numbers_truths_and_nothing_stay_what_they_are_elsewhere(tmp_path):
    text = "params: {fast: 5, name: 7}\ndry_run: true\nholdout: 0.2\nname: null\ntags: null\n"
    assert read(tmp_path, text) == {
        "params": {"fast": 5, "name": 7}, "dry_run": True, "holdout": 0.2, "name": None,
        "tags": None,
    }  # fmt: skip
    assert read(tmp_path, "data: {start: 2024-01-01, periods_per_year: 252, symbols: }") == {
        "data": {"start": "2024-01-01", "periods_per_year": 252, "symbols": None}
    }


@pytest.mark.parametrize("word", ["010", "0700", "-017", "12:30", "1:30:00", "1:30.5"])
def test_a_number_that_yaml_reads_as_another_one_is_the_text_that_stands_there(tmp_path, word):
    """Octal numbers and those to the base of 60: 8 of 010, 750 of 12:30."""
    assert load_yaml(word) != word
    text = f"params: {{fast: {word}, weights: {{a: [{word}]}}}}\ntime_limit: {word}\n"
    assert read(tmp_path, text) == {
        "params": {"fast": word, "weights": {"a": [word]}},
        "time_limit": word,
    }


@pytest.mark.parametrize(
    ("word", "number"), [("0", 0), ("10", 10), ("1_000", 1000), ("0x10", 16), ("0.5", 0.5)]
)
def test_other_numbers_stay_numbers(tmp_path, word, number):
    assert read(tmp_path, f"params: {{fast: {word}}}") == {"params": {"fast": number}}


def test_an_alias_is_not_changed_where_it_is_a_number(tmp_path):
    text = "params: {fast: &n 5}\nname: *n\n"
    assert read(tmp_path, text) == {"params": {"fast": 5}, "name": "5"}


def test_an_experiment_file_keeps_its_name_and_tags(cli, tmp_path):
    folder = tmp_path / "mine" / "experiment"
    folder.mkdir(parents=True)
    text = "# @package _global_\nname: TRUE\ntags: [NO, 0700]\ndescription: 1e5\n"
    (folder / "words.yaml").write_text(text)
    root = tmp_path / "results"
    ended = cli(
        *("-m", f"hydra.searchpath=[file://{tmp_path / 'mine'}]", "+experiment=words"),
        *("params.fast=5", "params.slow=50", f"store.root={root}", "executor=inline"),
    )
    assert ended.code == 0, ended.err
    experiment = Results(root).resolve("latest").experiment
    assert (experiment.name, list(experiment.tags)) == ("TRUE", ["NO", "0700"])
    assert experiment.description == "1e5"


def test_the_command_line_has_the_same_words():
    with composing() as composer:
        config = composer.compose(['name="TRUE"', 'tags=["NO","0700"]'])
    assert (config.name, list(config.tags)) == ("TRUE", ["NO", "0700"])
