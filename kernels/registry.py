"""Finding strategies: by name in the folder kernels/strategies, others by dotted path."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from numba.core.registry import CPUDispatcher

import kernels.strategies
from kernels.jit.error_text import gist
from kernels.jit.source_hash import source_hash, stands_alone
from kernels.series.bars import PRICES
from kernels.strategy import Row

FOLDER = kernels.strategies.__name__
TAKES = ("indicators", "rows", "params", "out")
"""What `signal` is called with."""


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
        source_hash: SHA-256, hex, of the file and of what it imports that is no library.
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
    if not (known or all(part.isidentifier() for part in name.split("."))):
        raise ValueError(
            f"strategy {name!r}: is no import path; write my_quant.breakout for the file "
            "my_quant/breakout.py"
        )
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
    except Exception as error:
        raise ValueError(f"strategy {name!r}: cannot import its module: {gist(error)}") from error
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
    takes = tuple(inspect.signature(signal.py_func).parameters)
    if len(takes) != len(TAKES):
        raise ValueError(
            f"strategy {path}: signal must take ({', '.join(TAKES)}), got ({', '.join(takes)})"
        )
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
        source_hash=source_hash(module),
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

    Only in a file that stands alone: Numba sees that this file changed, but not that one it
    imports from did.
    """
    jitted = [function for function in functions if isinstance(function, CPUDispatcher)]
    uncached = [function for function in jitted if not function.stats.cache_path]
    if uncached and stands_alone(file):
        for function in uncached:
            function.enable_caching()
