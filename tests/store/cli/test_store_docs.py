"""docs/store.md has every verb, and the Python function of each."""

import importlib
import re

import pytest
from typer.main import get_command

from store.cli.app import app
from store.query.results import Results
from tests.documents import table_rows

ROWS = table_rows("store.md", "verb")
VERBS = get_command(app).commands


def test_every_verb_is_there_and_no_other():
    assert {row[0].strip("`").split()[0] for row in ROWS} == set(VERBS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_the_python_function_of_every_verb_exists(row):
    names = re.findall(r"`([\w.]+)`", row[2])
    assert names
    module = None
    for name in names:
        path, _, function = name.rpartition(".")
        if path == "Results":
            assert callable(getattr(Results, function))
            continue
        module = importlib.import_module(path) if path else module
        assert callable(getattr(module, function)), name


@pytest.mark.parametrize("name", VERBS)
def test_every_verb_has_json_and_a_root(name):
    for verb in getattr(VERBS[name], "commands", {name: VERBS[name]}).values():
        options = {text for param in verb.params for text in param.opts}
        assert "--root" in options
        assert "--json" in options or name == "report"


@pytest.mark.parametrize("name", VERBS)
def test_every_option_says_what_it_is_for(name):
    for param in VERBS[name].params:
        assert param.help, f"{name}: {param.name}"
