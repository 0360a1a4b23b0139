import pickle

import pytest

from kernels.registry import load, names
from kernels.strategy import Row

HEAD = """
from typing import NamedTuple
from numba import njit
from kernels.strategy import Row
class Params(NamedTuple):
    fast: int = 2
@njit
def signal(indicators, rows, params, out):
    pass
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """Write a module of a user's own; returns its dotted path."""

    def write(name, text):
        folder = tmp_path / f"quant_{name}"
        folder.mkdir()
        (folder / "rule.py").write_text(text)
        return f"quant_{name}.rule"

    monkeypatch.syspath_prepend(str(tmp_path))
    return write


def test_a_module_anywhere():
    s = load("tests.kernels.crossing")
    assert (s.name, s.module) == ("crossing", "tests.kernels.crossing")
    assert s.fields == ("fast", "slow", "band")
    assert s.types == {"fast": int, "slow": int, "band": float}
    assert s.defaults == {"fast": 2, "slow": 5, "band": 0.0}
    assert s.limits == {"fast": (1, None), "slow": (1, 400), "band": (0.0, None)}
    assert len(s.source_hash) == 64
    assert s.columns == ()
    assert all(isinstance(row, Row) for row in s.rows)


def test_feature_columns_are_listed():
    assert load("tests.kernels.scripted").columns == ("code",)


def test_a_strategy_is_pickled_as_its_name():
    s = load("tests.kernels.crossing")
    data = pickle.dumps(s)
    assert len(data) < 120
    assert pickle.loads(data).source_hash == s.source_hash  # our own bytes


def test_unknown_names_are_listed():
    with pytest.raises(ValueError, match=r"strategy 'smma': no such name; .*import path"):
        load("smma")
    with pytest.raises(ValueError, match=r"strategy 'no\.such': cannot import its module"):
        load("no.such")


def test_names_are_sorted_and_public():
    assert list(names()) == sorted(names())
    assert not any(name.startswith("_") for name in names())


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("empty", "", r"needs a class Params\(NamedTuple\)"),
        (
            "plain",
            HEAD.replace("@njit", ""),
            "needs a function signal or weight or score or pair, decorated with @njit",
        ),
        ("bare", HEAD.replace("int = 2", "int"), r"Params\.fast needs a default"),
        ("text", HEAD.replace("int = 2", "str = ''"), r"Params\.fast must be int or float"),
        ("clash", HEAD.replace("fast", "close"), r"Params\.close bears the name of a bars"),
        ("limit", HEAD + "LIMITS = {'slow': (1, 2)}", r"LIMITS names 'slow', which Params lacks"),
        ("rows", HEAD + "ROWS = (signal,)", r"ROWS must hold Row"),
        ("broken", "import nothing_like_it", "No module named 'nothing_like_it'"),
    ],
)
def test_a_module_that_is_no_strategy(module, name, text, message):
    with pytest.raises(ValueError, match=message):
        load(module(name, text))


def test_compiled_code_is_kept_only_where_numba_can_see_every_edit(module):
    alone = load(module("alone", HEAD))
    helped = load(module("helped", "import difflib, quant_alone.rule\n" + HEAD))
    assert alone.signal.stats.cache_path
    assert helped.signal.stats.cache_path is None
