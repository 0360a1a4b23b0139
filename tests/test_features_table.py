"""docs/features.md is true in what can be checked: all IDs, and every file and test it names."""

import ast
import re

import pytest

from tests.documents import DOCS, ROOT, table_rows

COUNTS = {"A": 24, "B": 8, "C": 13, "D": 10, "E": 19, "F": 11, "G": 7, "H": 6, "I": 15, "J": 7}
COUNTS |= {"K": 8, "L": 8, "M": 10, "N": 12, "O": 10, "P": 22}
IDS = [f"{letter}{number}" for letter, n in COUNTS.items() for number in range(1, n + 1)]
ROWS = table_rows("features.md", "ID")
BUILT = [row for row in ROWS if row[2] != "open"]
MODULES = {f"python -m {name}": name for name in ("sweeper", "store", "promote")}


def heading_anchors(name):
    """Anchors that the headings of a document have."""
    heads = re.findall(r"^#+ (.+)$", DOCS[name], re.MULTILINE)
    return {re.sub(r"[^a-z0-9 -]", "", head.lower()).replace(" ", "-") for head in heads}


def test_every_id_comes_once_and_in_order():
    assert [row[0] for row in ROWS] == IDS


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row[0])
def test_every_place_exists(row):
    """A file or folder of the project, a heading of a document, or a command's module."""
    place = re.fullmatch(r"`([^`]+)`", row[2])[1]
    command = next((word for word in MODULES if place.startswith(word)), None)
    path, _, anchor = (MODULES[command] if command else place).partition("#")
    assert (ROOT / path).exists(), place
    assert not anchor or anchor in heading_anchors(path.removeprefix("docs/"))


@pytest.mark.parametrize("row", BUILT, ids=lambda row: row[0])
def test_every_test_exists(row):
    tests = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", row[3])
    assert tests, "a row that is built names a test"
    assert len(tests) == row[3].count("::")
    for path, name in tests:
        tree = ast.parse((ROOT / path).read_text())
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, name


def test_open_rows_name_no_test():
    assert [row[0] for row in ROWS if row[2] == "open" and row[3]] == []
