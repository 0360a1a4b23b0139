"""Folders of plug-ins: their names, what loading one refuses, and hints after an unknown name."""

import pytest

from promote.gate import checks
from store.data import dialects
from store.files.plug_ins import PlugInFolder, did_you_mean
from sweeper import search, split


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Two plug-ins, a folder and a private file next to them."""
    package = tmp_path / "greetings"
    (package / "helpers").mkdir(parents=True)
    for name, text in {
        "__init__": "", "_shared": "", "english": "def greet(): return 'hello'\n", "mute": "",
        "helpers/__init__": "",
    }.items():  # fmt: skip
        (package / f"{name}.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    return PlugInFolder("greetings", "greeting", "greeting.kind", ("greet",))


def test_files_are_the_registry(folder):
    assert folder.names() == ("english", "mute")
    assert folder.load("english").greet() == "hello"


def test_an_unknown_name_is_refused_with_the_nearest(folder):
    with pytest.raises(ValueError, match=r"^greeting.kind: no greeting 'englisch'; did you mean e"):
        folder.load("englisch")
    with pytest.raises(ValueError, match=r"no greeting None; there are english, mute$"):
        folder.load(None)


def test_a_file_that_lacks_what_the_contract_names_is_refused(folder):
    with pytest.raises(ValueError, match=r"greeting mute has to define greet; see .* of greetings"):
        folder.load("mute")


@pytest.mark.parametrize("folder", [checks.FOLDER, dialects.FOLDER, search.FOLDER, split.FOLDER])
def test_every_file_of_a_folder_keeps_its_contract(folder):
    assert len(folder.names()) >= 4
    for name in folder.names():
        folder.load(name)


def test_hints_in_any_case():
    assert did_you_mean("nasdak", ["NASDAQ", "SP500"]) == "did you mean NASDAQ?"
    assert did_you_mean("x", ["a"]) == "there is a"
    assert did_you_mean("x", []) == "there are none"
    assert did_you_mean("x", ["a"], "it has a") == "it has a"
