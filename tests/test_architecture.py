"""Imports point one way: kernels <- store <- sweeper <- promote."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "kernels": set(),
    "store": {"kernels"},
    "sweeper": {"kernels", "store"},
    "promote": {"kernels", "store", "sweeper"},
    "hydra_plugins": {"sweeper"},
}
FOREIGN = {
    "kernels": {"numpy", "numba", "llvmlite"},  # llvmlite is what Numba's intrinsics are written in
}
BANNED = {"store": {"ray", "hydra", "omegaconf"}, "promote": {"ray", "hydra", "omegaconf"}}
FILES = [path for folder in MAY_IMPORT for path in sorted((ROOT / folder).rglob("*.py"))]


def imported(path):
    """Every dotted name a file imports, at any depth of its code."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module


def faults(path, names):
    folder = path.relative_to(ROOT).parts[0]
    for name in names:
        top = name.partition(".")[0]
        if top in MAY_IMPORT and top != folder and top not in MAY_IMPORT[folder]:
            yield f"{folder} may not import {name}"
        if top in BANNED.get(folder, ()):
            yield f"{folder} may not import {name}"
        if folder == "promote" and top == "sweeper" and name != "sweeper.backtest":
            yield "promote may import sweeper.backtest only"
        if folder in FOREIGN and not _allowed(top, FOREIGN[folder] | {folder}):
            yield f"{folder} may import {', '.join(sorted(FOREIGN[folder]))} only, not {name}"


def _allowed(top, extra):
    return top in extra or top in sys.stdlib_module_names


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    assert list(faults(path, imported(path))) == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("kernels/indicator_rows.py", "store.runs.blocks"),
        ("kernels/indicator_rows.py", "pandas"),
        ("store/runs/blocks.py", "sweeper.plan.plan"),
        ("store/runs/blocks.py", "ray.data"),
        ("sweeper/plan/plan.py", "promote.gate.checks"),
        ("promote/gate/checks.py", "sweeper.run.driver"),
    ],
)
def test_an_upward_arrow_is_found(file, name):
    assert list(faults(ROOT / file, [name]))


def test_every_file_is_one_idea():
    long = {str(p.relative_to(ROOT)): n for p in FILES if (n := p.read_text().count("\n")) > 400}
    assert long == {}
