"""search=list: a file of configurations, from the words in it to the rows."""

import json

import pytest

from store.query.results import Results
from sweeper.plan.listed_points import read_list
from sweeper.sweep import sweep
from tests.sweeper.cli import run_cli

ENTRIES = [
    {"strategy": "sma", "params": {"fast": 5, "slow": 20}},
    {"strategy": "sma", "params.fast": 10, "params.slow": 30, "risk": {"stop_loss": 0.05}},
    {"strategy": "rsi", "params": {"period": 10}, "strategy.direction": "both", "data": "sp500"},
    {"strategy": "sma", "params": {"slow": 20, "fast": 5}},
    {"strategy": "sma", "params": {"fast": 60, "slow": 30}, "risk.stop_loss": None},
]


@pytest.fixture
def write(tmp_path):
    def file(content, name="list.json"):
        path = tmp_path / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    return file


def test_entries_with_the_same_words_share_a_cell(write):
    found = read_list(str(write(ENTRIES)))
    assert list(found) == [
        ("strategy='sma'",),
        ("strategy='rsi'", "strategy.direction='both'", "data='sp500'"),
    ]
    assert [row["params.fast"] for row in found[("strategy='sma'",)]] == [5, 10, 5, 60]


def test_every_entry_is_run_once(write, tmp_path):
    root = tmp_path / "results"
    experiment = sweep("search=list", f"search.path={write(ENTRIES)}", f"store.root={root}")
    runs = Results(root).runs(experiment.id).to_pylist()
    found = {
        (row["strategy"], row["params.fast"] or row["params.period"], row["risk.stop_loss"])
        for row in runs
        if not row["baseline"] and row["risk.stop_loss"] == row["risk.stop_loss"]
    }
    assert found == {("sma", 10, 0.05)}
    assert {(r["strategy"], r["symbol"], r["direction"]) for r in runs} == {
        ("sma", "NASDAQ", "long"),
        ("rsi", "SP500", "both"),
    }
    assert experiment.counts["done"] == 2 + 1 + 2  # one repeated, one barred by fast < slow


def test_yaml_says_the_same(write):
    text = "- params: {fast: 5, slow: 20}\n  tags: [a, 'it''s']\n  holdout: 0.5\n"
    assert read_list(str(write(text, "list.yaml"))) == {
        ("tags=['a','it\\'s']", "holdout=0.5"): [{"params.fast": 5.0, "params.slow": 20.0}]
    }


def test_a_changed_file_is_another_experiment(write, tmp_path):
    words = ("search=list", f"store.root={tmp_path / 'results'}")
    first = sweep(*words, f"search.path={write(ENTRIES)}")
    assert sweep(*words, f"search.path={write(ENTRIES, 'copy.json')}").id == first.id
    assert sweep(*words, f"search.path={write(ENTRIES[:2])}").id != first.id


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("", "list.json is not JSON or YAML"),
        ("{", "list.json is not JSON or YAML"),
        ("[]", "must hold a list of configurations, one or more, got list"),
        ('{"params": {}}', "must hold a list of configurations, one or more, got dict"),
        ("[3]", "entry 0: must be a configuration"),
        ("[{}]", "entry 0: must be a configuration"),
        ('[{"params": {"fast": "x"}}]', "entry 0: params.fast: must be a number or null, got 'x'"),
        ('[{"params": {"fast": true}}]', "params.fast: must be a number or null, got True"),
        ('[{"params": {"fast": 2.5}}]', "params.fast: takes whole numbers, got 2.5"),
        ('[{"params": {"fast": null}}]', "params.fast: must be a number, got null"),
        ('[{"params": {"fast": 0}}]', "fast"),
        ('[{"params": {"fats": 3}}]', "params.fats: strategy sma has no such parameter"),
        ('[{"search": {"n": 3}}]', "entry 0: search.n is of the whole sweep"),
        ('[{"strategy": "smb"}]', "smb"),
        ('[{"colour": "red"}]', "colour"),
        ('[{"tags": [{}]}]', "entry 0: tags: must be a word, a number or a list, got dict"),
        ('[{"params": {"fast": 60, "slow": 30}}]', "constraint 'fast < slow': met by no entry"),
    ],
)
def test_a_bad_list_is_refused_in_one_line(write, monkeypatch, capsys, content, complaint):
    path = write(content)
    monkeypatch.chdir(path.parent)
    ended = run_cli(monkeypatch, capsys, "-m", "search=list", f"search.path={path}")
    assert ended.code == 2
    assert complaint in ended.err
    assert ended.err.count("\n") == 1
    assert sorted(one.name for one in path.parent.iterdir()) == ["list.json"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ((), "search.path: search=list needs a JSON or YAML file"),
        (("search.path=none.json",), "search.path: cannot read none.json (No such file"),
        (("search.path=list.json", "search.n=3"), "search.n: a list runs every entry, got 3"),
        (("search.path=list.json", "params.fast=1,2"), "params.fast: is swept, but search=list"),
    ],
)
def test_a_list_that_is_not_asked_for_rightly(write, monkeypatch, capsys, words, complaint):
    monkeypatch.chdir(write(ENTRIES).parent)
    ended = run_cli(monkeypatch, capsys, "-m", "search=list", *words)
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert complaint in ended.err


def test_a_list_is_for_sweeps(write, monkeypatch, capsys):
    ended = run_cli(monkeypatch, capsys, "search=list", f"search.path={write(ENTRIES)}")
    assert (ended.code, ended.err) == (2, "search.path: search=list needs a sweep: add -m\n")
