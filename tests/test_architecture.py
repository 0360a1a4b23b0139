"""Imports point one way: between packages, and between the rooms of each package.

A room is a folder, or a file that stands in none, directly below a package.
"""

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
    "operate": {"kernels", "store", "sweeper", "promote"},
    "serve": {"store", "sweeper", "promote", "operate"},
    "hydra_plugins": {"sweeper"},
}
FOREIGN = {
    "kernels": {"numpy", "numba", "llvmlite"},  # llvmlite is what Numba's intrinsics are written in
}
BANNED = {"store": {"ray", "hydra", "omegaconf"}, "promote": {"ray", "hydra", "omegaconf"}}
BANNED["operate"] = BANNED["serve"] = BANNED["promote"]
ROOMS = {
    "kernels": """
        jit series strategy indicators strategies panel_strategies registry indicator_rows engine
        params orders portfolio evaluate foresight lookahead strategy_contract
    """,
    "store": """
        errors files records runs optional_dependencies data replay resampling commands luck
        analysis registry ledger query results terminal report maintenance transfer trackers cli
    """,
    "sweeper": """
        checkout spread space notes search config split plan evaluate executors run terminal
        result backtest single sweep handle multirun app
    """,
    "promote": """
        config commands profiles audit statistics candidates gate report promotion cli
    """,
    "operate": """
        records statistics shadow target intake monitors alerts rollout cycle tasks cli
    """,
    "serve": """
        problems access reading backtests jobs operations api pages app start agents mcp notebook
    """,
}
"""The rooms of each package: one may import from those that stand before it."""
OFFERED = {"sweeper.backtest", "sweeper.spread"}
"""The modules of the engine that `promote` may import: neither Ray nor Hydra comes with them."""
NOTEBOOK = ROOT / "serve" / "notebook"
FACES = {("sweeper/__init__.py", "serve.notebook.sweep")}
"""What a package's face may name though it stands right: loaded when the name is first used."""
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
    own = {"kernels"} if path.is_relative_to(NOTEBOOK) else set()
    for name in names:
        top = name.partition(".")[0]
        if (str(path.relative_to(ROOT)), name) in FACES:
            continue
        if top in MAY_IMPORT and top != folder and top not in MAY_IMPORT[folder] | own:
            yield f"{folder} may not import {name}"
        if folder == "serve" and path.is_relative_to(NOTEBOOK):
            continue  # a program of its own: it sweeps in its process, and serves nothing
        if top in BANNED.get(folder, ()):
            yield f"{folder} may not import {name}"
        if folder in ("promote", "operate") and top == "sweeper" and name not in OFFERED:
            yield f"{folder} may import sweeper.backtest and sweeper.spread only"
        if folder == "serve" and top == "sweeper" and name != "sweeper.backtest":
            yield "serve may import sweeper.backtest only"
        if folder == "serve" and "terminal" in name.split("."):
            yield f"serve may import no terminal module, not {name}"
        if folder in FOREIGN and not _allowed(top, FOREIGN[folder] | {folder}):
            yield f"{folder} may import {', '.join(sorted(FOREIGN[folder]))} only, not {name}"


def room(dotted):
    """Package and room of a module's dotted name; the package's own face has no room."""
    package, _, inner = dotted.partition(".")
    return package, inner.partition(".")[0]


def arrows(path, names):
    """Arrows of a file to a room of its package that does not stand before its own."""
    package, own = room(".".join(path.relative_to(ROOT).with_suffix("").parts))
    order = ROOMS.get(package, "").split()
    if own in {"__init__", "__main__"} or not order:
        return
    assert own in order, f"{path}: enter the room {own} in ROOMS of tests/test_architecture.py"
    for name in names:
        other, target = room(name)
        if other == package and target in order and order.index(target) > order.index(own):
            yield f"{package}/{own} may not import {name}"


def imported_modules(path):
    """Dotted names as in `imported`, with the names that are taken out of a package."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _allowed(top, extra):
    return top in extra or top in sys.stdlib_module_names


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_one_way(path):
    assert list(faults(path, imported(path))) == []
    assert list(arrows(path, imported_modules(path))) == []


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("kernels/indicator_rows.py", "store.runs.blocks"),
        ("kernels/indicator_rows.py", "pandas"),
        ("store/runs/blocks.py", "sweeper.plan.plan"),
        ("store/runs/blocks.py", "ray.data"),
        ("sweeper/plan/plan.py", "promote.gate.checks"),
        ("promote/gate/checks.py", "sweeper.run.driver"),
        ("promote/gate/checks.py", "operate.shadow.run"),
        ("operate/shadow/run.py", "ray"),
        ("operate/shadow/run.py", "serve.app"),
        ("serve/app.py", "kernels.evaluate"),
        ("serve/app.py", "store.terminal.tables"),
        ("serve/app.py", "sweeper.sweep"),
    ],
)
def test_an_upward_arrow_is_found(file, name):
    assert list(faults(ROOT / file, [name]))


@pytest.mark.parametrize(
    ("file", "name"),
    [
        ("store/runs/blocks.py", "store.query.results"),
        ("kernels/series/bars.py", "kernels.engine.batch"),
        ("sweeper/space/axes.py", "sweeper.plan.cell"),
        ("promote/gate/judge.py", "promote.promotion.apply"),
        ("operate/shadow/run.py", "operate.monitors.costs"),
    ],
)
def test_an_arrow_back_into_a_room_is_found(file, name):
    assert list(arrows(ROOT / file, [name]))


def test_no_folder_is_a_heap():
    """Twenty files, unless each is one plug-in, one verb, or one statistic."""
    plugins = {"promote/gate/checks", "store/cli", "promote/cli", "promote/statistics"}
    flat = {}
    for path in FILES:
        folder = str(path.parent.relative_to(ROOT))
        flat[folder] = flat.get(folder, 0) + (path.name != "__init__.py")
    assert {f: n for f, n in flat.items() if n > 22 and f not in plugins} == {}


def test_every_file_is_one_idea():
    long = {str(p.relative_to(ROOT)): n for p in FILES if (n := p.read_text().count("\n")) > 400}
    assert long == {}
