"""Source of a function that is defined in a cell, as a file that stands alone.

A function of `__main__` cannot be imported by another process, nor found again tomorrow. Its text,
and that of all it uses, is written to a module of its own in the working directory, so that the
command line, the report and the gate run the very same rule.
"""

import ast
import hashlib
import importlib
import inspect
import math
import sys
import textwrap
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

FOLDER = "cell_strategies"
"""Package in the working directory; its files are named by their content."""
CONSTANTS = (bool, int, float, str, type(None))


def plain(function: Any) -> Callable[..., Any]:
    """The Python function behind a jitted one."""
    own: Callable[..., object] = getattr(function, "py_func", function)
    if not isinstance(own, FunctionType):
        raise ValueError(f"strategy: must be a name, a module or a function, got {function!r}")
    return own


def text_of(function: object) -> str:
    """Text of a function with its decorators.

    Raises:
        ValueError: it cannot be read, such as that of a lambda or of one made by `exec`.
    """
    own = plain(function)
    try:
        text = textwrap.dedent(inspect.getsource(own))
        tree = ast.parse(text)
    except (OSError, TypeError, SyntaxError):
        tree, text = None, ""
    if tree is None or not tree.body or not isinstance(tree.body[0], ast.FunctionDef):
        raise ValueError(
            f"strategy {own.__name__}: its source cannot be read; define it with def in a cell or "
            "a file"
        )
    return text


def definitions(function: object) -> dict[str, str]:
    """Code of a function and of every global that it uses, by name, those first that others use.

    Raises:
        ValueError: a global that is no number, text, module, function or tuple of these.
    """
    written: dict[str, str] = {}
    _write(plain(function).__name__, function, written)
    return written


def _define(name: str, value: object, written: dict[str, str]) -> None:
    if name in written:
        return
    module = getattr(value, "__module__", None)
    if isinstance(value, ModuleType):
        written[name] = f"import {value.__name__} as {name}"
    elif isinstance(value, CONSTANTS) or _is_tuple(value):
        written[name] = f"{name} = {value_text(value)}"
    elif module not in (None, "__main__") and (own := getattr(value, "__name__", None)):
        written[name] = f"from {module} import {own}" + (f" as {name}" if own != name else "")
    elif isinstance(getattr(value, "py_func", value), FunctionType):
        _write(name, value, written)
    else:
        raise ValueError(
            f"strategy: uses {name}, which is {type(value).__name__}; use numbers, functions and "
            "modules only"
        )


def _write(name: str, function: object, written: dict[str, str]) -> None:
    """A function by its text, behind all that it uses."""
    written[name] = ""  # it may call itself
    text, own = text_of(function), plain(function)
    for used in _names(text):
        if used in own.__globals__:
            _define(used, own.__globals__[used], written)
    del written[name]
    written[name] = text if hasattr(function, "py_func") else _jitted(text)


def _jitted(text: str) -> str:
    return f'@numba.njit(error_model="numpy")\n{text}'


def _is_tuple(value: object) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(each, CONSTANTS) or _is_tuple(each) for each in value
    )


def value_text(value: object) -> str:
    """A constant as Python writes it; also what is not finite."""
    if isinstance(value, tuple):
        return f"({''.join(f'{value_text(each)}, ' for each in value)})"
    if isinstance(value, float) and not math.isfinite(value):
        return f"float({str(value)!r})"
    return repr(value)


def _names(text: str) -> Iterator[str]:
    """Names that a text reads, in their order."""
    loads = (n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name))
    yield from dict.fromkeys(name.id for name in loads if isinstance(name.ctx, ast.Load))


def written_module(name: str, source: str) -> str:
    """Write a module of the working directory and import it.

    Args:
        name: of the function; the file is named after it and its content.
        source: of the whole file.

    Returns:
        Its import path, `cell_strategies.breakout_1a2b3c4d`.
    """
    folder = Path.cwd() / FOLDER
    folder.mkdir(exist_ok=True)
    face = folder / "__init__.py"
    if not face.exists():
        face.write_text('"""Strategies that were defined in cells of a notebook."""\n')
    digest = hashlib.sha256(source.encode()).hexdigest()[:8]
    file = folder / f"{name}_{digest}.py"
    if not file.exists():
        file.write_text(source, encoding="utf-8")
    if not {"", str(Path.cwd())} & set(sys.path):
        sys.path.insert(0, str(Path.cwd()))
    path = f"{FOLDER}.{file.stem}"
    package = sys.modules.get(FOLDER)
    if package is not None and str(folder) not in list(package.__path__):
        for loaded in [each for each in sys.modules if each.partition(".")[0] == FOLDER]:
            del sys.modules[loaded]  # of another working directory
    importlib.invalidate_caches()
    importlib.import_module(path)
    return path
