"""Hostile words: refused where they come in, escaped where an older record holds them."""

import json

import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.errors import BadName
from store.files.foreign_text import check_printable, shown, strings
from store.query.results import Results
from store.query.sql import plain, query
from store.records import experiment as records
from store.transfer.export import export
from store.transfer.import_experiment import take_in
from tests.store.made_runs import filled, finish

HOSTILE = {
    "colour": "\x1b[31mred",
    "title": "\x1b]0;owned\x07",
    "C1": "\x9b31mred",
    "right to left": "abc\u202egpj",
    "isolate": "a\u2066b",
    "bell": "a\x07b",
    "carriage return": "good\rbad",
    "backspace": "ab\x08\x08",
    "delete": "a\x7fb",
    "line separator": "a\u2028b",
}


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_every_one_is_refused_and_shown_as_json_writes_it(words):
    with pytest.raises(BadName, match=r"^name: holds the character .* which cannot be printed"):
        check_printable(words, "name")
    assert shown(words).isprintable()
    assert json.loads(f'"{shown(words)}"') == words


def test_words_of_all_languages_stay_as_they_are():
    for words in ("Größe 値 מחיר 📈", "two\nlines\tand a tab", ""):
        assert shown(words) == words
        assert check_printable(words, "description", "\n\t") == words
    with pytest.raises(BadName):
        check_printable("two\nlines", "name")
    assert json.loads(f'"{shown(chr(0xE0001))}"') == chr(0xE0001)


def test_every_text_of_a_record_is_found_with_its_place():
    value = {"a": [{"b": "x"}], "c": {"d": ["y", 1, None]}}
    assert dict(strings(value)) == {"": "c", "a": "b", "a.b": "x", "c": "d", "c.d": "y"}


VERBS = (["list"], ["show", "latest"], ["summary"], ["search", "bad"], ["sql", "from experiments"])


@pytest.mark.parametrize("words", HOSTILE.values(), ids=HOSTILE)
def test_an_older_record_that_holds_one_shows_it_escaped(words, tmp_path):
    experiment = filled(tmp_path)
    texts = dict.fromkeys(("name", "description", "hypothesis"), words)
    finish(tmp_path, experiment, **texts, tags=[words, "bad"], status="done")
    for verb in VERBS:
        ended = CliRunner().invoke(app, [*verb, "--root", str(tmp_path)])
        assert ended.exit_code == 0, ended.output
        assert all(one.isprintable() or one == "\n" for one in ended.output), verb
        told = CliRunner().invoke(app, [*verb, "--json", "--root", str(tmp_path)])
        assert words in "\n".join(words for _, words in strings(json.loads(told.stdout)))


@pytest.mark.parametrize("form", ["json", "parquet"])
def test_an_import_that_holds_one_is_refused_and_nothing_stays(form, tmp_path):
    experiment = filled(tmp_path / "from")
    changed = finish(tmp_path / "from", experiment, name=HOSTILE["colour"], status="done")
    (path,) = export(tmp_path / "from", [changed], tmp_path / "out", form)
    with pytest.raises(BadName, match=r"name: holds the character '\\x1b'"):
        take_in(tmp_path / "to", path)
    assert records.every(tmp_path / "to") == []


def test_an_error_that_quotes_one_is_escaped(tmp_path):
    filled(tmp_path)
    ended = CliRunner().invoke(app, ["show", "\x1b[31mx", "--root", str(tmp_path)])
    assert ended.exit_code == 2
    assert "\x1b" not in ended.stderr


JOIN = "select a.sharpe, b.sharpe from runs a join runs b on a.run = 0 and b.run = 5"


def test_two_columns_of_one_name_are_both_shown(tmp_path):
    filled(tmp_path)
    results = Results(tmp_path)
    values = {row["run"]: row["sharpe"] for row in results.runs().to_pylist()}
    want = {"sharpe": values[0], "sharpe_1": values[5]}
    assert plain(query(results, JOIN)) == [want]
    assert results.sql(JOIN).df().to_dict("records") == [want]
    assert (
        dict(zip(results.sql(JOIN).columns, results.sql(JOIN).fetchall()[0], strict=True)) == want
    )
    told = CliRunner().invoke(app, ["sql", JOIN, "--json", "--root", str(tmp_path)])
    assert json.loads(told.stdout) == [want]
    page = CliRunner().invoke(app, ["sql", JOIN, "--root", str(tmp_path)]).stdout
    assert page.split()[:2] == ["sharpe", "sharpe_1"]


@pytest.mark.parametrize(
    ("select", "names"),
    [
        ("1 as x, 2 as x, 3 as x", ["x", "x_1", "x_2"]),
        ("1 as x, 2 as x_1, 3 as x", ["x", "x_1", "x_2"]),
        ('1 as "a""b", 2 as "a""b"', ['a"b', 'a"b_1']),
        ("1 as x, 2 as y", ["x", "y"]),
    ],
)
def test_no_name_is_taken_twice(select, names, tmp_path):
    filled(tmp_path)
    assert query(Results(tmp_path), f"select {select}").column_names == names
    assert list(plain(query(Results(tmp_path), f"select {select}"))[0].values()) == list(
        range(1, 1 + len(names))
    )


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_every_type_of_duckdb_is_shown(flags, tmp_path):
    filled(tmp_path)
    words = ["sql", "select * from test_all_types()", *flags, "--root", str(tmp_path)]
    ended = CliRunner().invoke(app, words)
    assert (ended.exit_code, ended.exception) == (0, None), ended.output
    if flags:
        assert len(json.loads(ended.stdout)) == 3
