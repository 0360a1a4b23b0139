"""Measurements of the house: `python -m tests.house` prints them."""

import ast
import re
import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = [
    folder
    for folder in ("kernels", "store", "sweeper", "promote", "operate", "serve", "hydra_plugins")
    if (ROOT / folder).is_dir()
]
FILES = [path for folder in PACKAGES for path in sorted((ROOT / folder).rglob("*.py"))]

VAGUE_NAMES = {"found", "told", "said", "known", "one"}
"""Names that say that a value was got, not what it is."""

VAGUE_STARTS = {"What", "How", "Whether", "Its", "Of", "It", "Those", "Who"}
"""First words of docstrings that do not name the thing."""

WORDS = re.compile(r"\b(nobody|whoever|anew|beside|likewise)\b", re.IGNORECASE)
"""Words that our prose does without."""


@dataclass
class House:
    """What was counted over all packages."""

    lines: int = 0
    bodies: list[int] = field(default_factory=list)
    arguments: list[int] = field(default_factory=list)
    documented: list[bool] = field(default_factory=list)
    anys: int = 0
    ignores: int = 0
    starts: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    words: Counter[str] = field(default_factory=Counter)

    @property
    def any_per_thousand(self) -> float:
        """`Any` per thousand lines."""
        return 1000 * self.anys / self.lines


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function of a file, methods and inner ones too."""
    yield from (
        node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function's body without its docstring."""
    body = function.body
    if ast.get_docstring(function) is not None:
        body = body[1:]
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def bound_names(tree: ast.AST) -> Iterator[str]:
    """Names that are assigned, looped over, or taken as arguments."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg


def measure() -> House:
    """Count over all files of all packages."""
    house = House()
    for path in FILES:
        text = path.read_text()
        tree = ast.parse(text)
        house.lines += text.count("\n")
        house.words.update(word.lower() for word in WORDS.findall(text))
        house.names.update(name for name in bound_names(tree) if name in VAGUE_NAMES)
        house.anys += len(re.findall(r"\bAny\b", text))
        house.ignores += text.count("# type: ignore")
        _count_docstrings(house, tree)
        for function in functions(tree):
            house.bodies.append(body_lines(function))
            arguments = function.args
            house.arguments.append(len(arguments.args) + len(arguments.kwonlyargs))
            if not function.name.startswith("_"):
                house.documented.append(ast.get_docstring(function) is not None)
    return house


def _count_docstrings(house: House, tree: ast.AST) -> None:
    kinds = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    for node in ast.walk(tree):
        if isinstance(node, kinds) and (text := ast.get_docstring(node)):
            house.starts.update({text.split()[0].strip("`,.:")} & VAGUE_STARTS)


def flat_files() -> dict[str, int]:
    """Files that stand flat in each folder, most first."""
    count = Counter(str(path.parent.relative_to(ROOT)) for path in FILES)
    return dict(count.most_common())


def vague_docs() -> Counter[str]:
    """Words that our prose does without, over the pages for users."""
    pages = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
    return Counter(word.lower() for page in pages for word in WORDS.findall(page.read_text()))


def table() -> list[tuple[str, str]]:
    """The measurements as rows of text."""
    house = measure()
    percentiles = statistics.quantiles(house.bodies, n=100)
    return [
        ("files", f"{len(FILES):,}"),
        ("lines", f"{house.lines:,}"),
        ("functions", f"{len(house.bodies):,}"),
        ("body, median / p90 / p99 / longest",
         f"{statistics.median(house.bodies):.0f} / {percentiles[89]:.0f} / {percentiles[98]:.0f}"
         f" / {max(house.bodies)}"),
        ("bodies above 40 lines", f"{sum(n > 40 for n in house.bodies)}"),
        ("more than 6 arguments", f"{sum(n > 6 for n in house.arguments)}"),
        ("public functions with a docstring", f"{statistics.mean(house.documented):.1%}"),
        ("Any per 1,000 lines", f"{house.any_per_thousand:.1f}"),
        ("type: ignore", f"{house.ignores}"),
        ("first words that name nothing", f"{dict(house.starts.most_common())}"),
        ("vague names", f"{dict(house.names.most_common())}"),
        ("words that prose does without, code", f"{dict(house.words.most_common())}"),
        ("the same, pages", f"{dict(vague_docs().most_common())}"),
        ("fullest folders", f"{dict(list(flat_files().items())[:6])}"),
    ]  # fmt: skip


if __name__ == "__main__":
    for name, value in table():
        print(f"{name:<38} {value}")
