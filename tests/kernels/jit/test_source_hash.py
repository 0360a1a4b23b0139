"""What a strategy is made of: its file and the user's files that it imports, however it does."""

import hashlib
import importlib
import sys
from pathlib import Path

import pytest

from kernels.jit.source_hash import source_hash, stands_alone
from kernels.registry import load

FILES = {
    "__init__.py": "",
    "rule.py": "import json, numpy\nfrom kernels import strategy\nfrom my_parts import mean\n",
    "mean.py": "from . import deep\nfrom .side import *\n",
    "deep.py": "import my_parts.rule\n",  # a circle
    "side.py": "",
    "stranger.py": "",
}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "my_parts"
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(text)
    importlib.invalidate_caches()
    yield folder
    for name in [name for name in sys.modules if name.startswith("my_parts")]:
        del sys.modules[name]


@pytest.mark.parametrize("name", FILES)
def test_an_edit_of_any_part_is_seen_and_of_no_other_file(folder, name):
    module = importlib.import_module("my_parts.rule")
    before = source_hash(module)
    (folder / name).write_text(FILES[name] + "# edited\n")
    assert (source_hash(module) != before) == (name != "stranger.py")


def test_a_file_alone_has_the_hash_of_its_bytes(folder):
    module = importlib.import_module("my_parts.side")
    (folder / "side.py").write_text("import numpy as np\n")
    assert source_hash(module) == hashlib.sha256(b"import numpy as np\n").hexdigest()
    strategy = load("sma")
    content = Path(importlib.import_module(strategy.module).__file__).read_bytes()
    assert strategy.source_hash == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("text", "alone"),
    [
        ("import numpy.linalg, math\nfrom kernels.indicators import sma\n", True),
        ("import difflib\n", True),
        ("import pandas\n", False),
        ("from my_parts import mean\n", False),
        ("from . import mean\n", False),
        ("from .mean import x\n", False),
    ],
)
def test_what_stands_alone(tmp_path, text, alone):
    (tmp_path / "x.py").write_text(text)
    assert stands_alone(tmp_path / "x.py") == alone


def test_a_strategy_made_of_another_is_made_of_its_file_too():
    turtle = importlib.import_module("kernels.strategies.turtle")
    donchian = importlib.import_module("kernels.strategies.donchian")
    both = [Path(module.__file__).read_bytes() for module in (donchian, turtle)]
    assert source_hash(turtle) == hashlib.sha256(b"\0".join(both)).hexdigest()
