"""Finding strategies: by name in the folder kernels/strategies, others by dotted path."""

import ast
import hashlib
import importlib
import pkgutil
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from numba.core.registry import CPUDispatcher

import kernels.strategies
from kernels.bars import PRICES
from kernels.strategy import Row

FOLDER = kernels.strategies.__name__


@dataclass(frozen=True, eq=False)
class Strategy:
    """One strategy, as its file declares it. It is pickled as the name of its module.

    Attributes:
        name: last part of the module's path.
        module: dotted path.
        fields: names of the Params fields, in order.
        types: int or float, by field.
        defaults: by field.
        limits: inclusive (low, high) by field, None = open.
        rows: indicator series it asks for.
        columns: feature columns, and volume, that the bars must bring besides the prices.
        source_hash: SHA-256 of the file, hex.
        signal: jitted; see docs/strategies.md for its contract.
    """

    name: str
    module: str
    fields: tuple[str, ...]
    types: Mapping[str, type]
    defaults: Mapping[str, float]
    limits: Mapping[str, tuple[float | None, float | None]]
    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    source_hash: str
    signal: Callable[..., None]

    def __reduce__(self) -> tuple[Callable[[str], "Strategy"], tuple[str]]:
        return load, (self.module,)


def names() -> tuple[str, ...]:
    """Names of the strategies in the folder, sorted."""
    found = pkgutil.iter_modules(kernels.strategies.__path__)
    return tuple(sorted(module.name for module in found if not module.name.startswith("_")))


def load(name: str) -> Strategy:
    """A strategy by its name in the folder, or by the import path of its module anywhere else.

    Raises:
        ValueError: no such strategy, or the module is not one; one line that says why.
    """
    known = name in names()
    if "." not in name and not known and find_spec(name) is None:
        near = get_close_matches(name, names())
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ValueError(
            f"strategy {name!r}: no such name; {hint}there are {', '.join(names()) or 'none'}; "
            "a module of your own goes by its import path"
        )
    path = f"{FOLDER}.{name}" if known else name
    try:
        module = importlib.import_module(path)
    except ImportError as error:
        raise ValueError(f"strategy {name!r}: cannot import its module: {error}") from error
    return _read(module)


def _read(module: ModuleType) -> Strategy:
    path = module.__name__
    params, signal = getattr(module, "Params", None), getattr(module, "signal", None)
    if not (isinstance(params, type) and issubclass(params, tuple) and hasattr(params, "_fields")):
        raise ValueError(f"strategy {path}: needs a class Params(NamedTuple)")
    if not isinstance(signal, CPUDispatcher):
        raise ValueError(f"strategy {path}: needs a function signal, decorated with @njit")
    if module.__file__ is None:
        raise ValueError(f"strategy {path}: is a folder, not a file")
    types = _types(path, params)
    rows = _rows(path, module)
    _keep_compiled(Path(module.__file__), [signal, *(row.function for row in rows)])
    return Strategy(
        name=path.rpartition(".")[2],
        module=path,
        fields=tuple(types),
        types=types,
        defaults=_defaults(path, params, types),
        limits=_limits(path, getattr(module, "LIMITS", {}), types),
        rows=rows,
        columns=_columns(rows, types),
        source_hash=hashlib.sha256(Path(module.__file__).read_bytes()).hexdigest(),
        signal=signal,
    )


def _types(path: str, params: Any) -> dict[str, type]:
    hints = get_type_hints(params)
    for field in params._fields:
        if hints[field] not in (int, float):
            raise ValueError(f"strategy {path}: Params.{field} must be int or float")
        if field in (*PRICES, "volume"):
            raise ValueError(f"strategy {path}: Params.{field} bears the name of a bars column")
    return {field: hints[field] for field in params._fields}


def _defaults(path: str, params: Any, types: Mapping[str, type]) -> dict[str, float]:
    for field in types:
        if field not in params._field_defaults:
            raise ValueError(f"strategy {path}: Params.{field} needs a default")
    return {field: types[field](params._field_defaults[field]) for field in types}


def _limits(
    path: str, limits: Mapping[str, Any], types: Mapping[str, type]
) -> dict[str, tuple[float | None, float | None]]:
    for field in limits:
        if field not in types:
            raise ValueError(f"strategy {path}: LIMITS names {field!r}, which Params lacks")
    return {field: tuple(limits.get(field, (None, None))) for field in types}


def _rows(path: str, module: ModuleType) -> tuple[Row, ...]:
    rows = tuple(getattr(module, "ROWS", ()))
    if not all(isinstance(row, Row) for row in rows):
        raise ValueError(f"strategy {path}: ROWS must hold Row(function, *arguments) only")
    return rows


def _columns(rows: tuple[Row, ...], types: Mapping[str, type]) -> tuple[str, ...]:
    named = [a for row in rows for a in row.arguments if isinstance(a, str)]
    return tuple(dict.fromkeys(a for a in named if a not in types and a not in PRICES))


def _keep_compiled(file: Path, functions: list[Any]) -> None:
    """Give jitted functions that were declared without cache=True a cache on disk.

    Only in a file that imports nothing but NumPy, Numba, the standard library and `kernels`:
    Numba sees that this file changed, but not that one it imports from did.
    """
    jitted = [function for function in functions if isinstance(function, CPUDispatcher)]
    uncached = [function for function in jitted if not function.stats.cache_path]
    if not uncached:
        return
    imported = set()
    for node in ast.walk(ast.parse(file.read_bytes())):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add("" if node.level else (node.module or "").partition(".")[0])
    if imported <= {"numpy", "numba", "kernels", *sys.stdlib_module_names}:
        for function in uncached:
            function.enable_caching()
