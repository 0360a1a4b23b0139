"""Finding strategies: by name in the folder kernels/strategies, others by dotted path."""

import hashlib
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from numba.core.registry import CPUDispatcher

import kernels.panel_strategies
import kernels.strategies
from kernels.jit.error_text import gist
from kernels.jit.source_hash import source_hash, stands_alone
from kernels.panel_strategies import sleeves
from kernels.series.bars import PRICES
from kernels.strategy import Row

FOLDER = kernels.strategies.__name__
PANEL_FOLDER = kernels.panel_strategies.__name__
CONTRACTS = {"signal": "code", "weight": "weight", "score": "score", "pair": "pair"}
"""Contract of a strategy by the function that its file has; exactly one of them."""
TAKES = {
    "code": ("indicators", "rows", "params", "out"),
    "weight": ("indicators", "rows", "params", "out"),
    "score": ("features", "rows", "params", "out"),
    "pair": ("zscores", "params", "out"),
}
"""Arguments of that function, by contract."""
VARIANT = re.compile(r"([A-Za-z_][\w.]*)(?:\(([\w=,. ()-]*)\))?")
"""An import path, and in brackets what the file's `declare` makes its params and rows of."""
LEVELS = ("indicators", "rows", "params", "stop", "target", "limit")
"""What `levels` is called with."""


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
        contract: code (a code per bar of one symbol), weight (a share of the equity per bar),
            score (a score per symbol of a panel), pair (a side per bar of two symbols of a panel),
            or sleeves (members with shares of one purse).
        levels: jitted, writes stops, targets and limits of its own; None = none.
        members: of sleeves, by name.
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
    contract: str = "code"
    levels: Callable[..., None] | None = None
    members: tuple[tuple[str, "Strategy"], ...] = ()

    @property
    def of_panel(self) -> bool:
        """True when it trades a universe with one purse."""
        if self.members:
            return any(member.of_panel for _, member in self.members)
        return self.contract in ("score", "pair")

    @property
    def path(self) -> str:
        """Dotted path of its file, without what stands in brackets behind it."""
        return self.module.partition("(")[0]

    def __reduce__(self) -> tuple[Callable[[str], "Strategy"], tuple[str]]:
        return load, (self.module,)


def names() -> tuple[str, ...]:
    """Names of the strategies of one symbol in the folder, sorted."""
    return _names(kernels.strategies)


def panel_names() -> tuple[str, ...]:
    """Names of the strategies of a panel in their folder, sorted."""
    return _names(kernels.panel_strategies)


def _names(folder: ModuleType) -> tuple[str, ...]:
    modules = pkgutil.iter_modules(folder.__path__)
    return tuple(sorted(module.name for module in modules if not module.name.startswith("_")))


def load(name: str) -> Strategy:
    """A strategy by its name in the folder, or by the import path of its module anywhere else.

    Raises:
        ValueError: no such strategy, or the module is not one; one line that says why.
    """
    matched = VARIANT.fullmatch(name)
    plain, variant = (matched[1], matched[2]) if matched else (name, None)
    single, panel = plain in names(), plain in panel_names()
    if not (single or panel or all(part.isidentifier() for part in plain.split("."))):
        raise ValueError(
            f"strategy {name!r}: is no import path; write my_quant.breakout for the file "
            "my_quant/breakout.py"
        )
    if "." not in plain and not (single or panel) and find_spec(plain) is None:
        every = (*names(), *panel_names())
        near = get_close_matches(plain, every)
        hint = f"did you mean {' or '.join(near)}? " if near else ""
        raise ValueError(
            f"strategy {name!r}: no such name; {hint}there are {', '.join(every) or 'none'}; "
            "a module of your own goes by its import path"
        )
    path = f"{FOLDER}.{plain}" if single else f"{PANEL_FOLDER}.{plain}" if panel else plain
    if path == sleeves.__name__:
        return _sleeves(variant or "")
    try:
        module = importlib.import_module(path)
    except Exception as error:
        raise ValueError(f"strategy {name!r}: cannot import its module: {gist(error)}") from error
    return _read(module, variant)


def _sleeves(variant: str) -> Strategy:
    """Members side by side: their params under their names, and the shares of the purse."""
    members = {name: load(module) for name, module in sleeves.members_of(variant).items()}
    if len({member.of_panel for member in members.values()}) > 1:
        single = next(name for name, member in members.items() if not member.of_panel)
        raise ValueError(
            f"strategy sleeves: member {single} trades one symbol and others a universe; all "
            "members trade the same bars"
        )
    if any(member.members for member in members.values()):
        raise ValueError("strategy sleeves: a member has sleeves itself; list its members")
    types, defaults, limits = sleeves.own_params(list(members))
    for name, member in members.items():
        own = {field: f"{name}__{field}" for field in member.fields}
        types |= {own[field]: member.types[field] for field in member.fields}
        defaults |= {own[field]: member.defaults[field] for field in member.fields}
        limits |= {own[field]: member.limits[field] for field in member.fields}
    listed = ",".join(f"{name}={member.module}" for name, member in members.items())
    sources = "".join(member.source_hash for member in members.values())
    return Strategy(
        name="sleeves",
        module=f"{sleeves.__name__}({listed})",
        fields=tuple(types),
        types=types,
        defaults=defaults,
        limits=limits,
        rows=(),
        columns=tuple(dict.fromkeys(c for member in members.values() for c in member.columns)),
        source_hash=hashlib.sha256((source_hash(sleeves) + sources).encode()).hexdigest(),
        signal=next(iter(members.values())).signal,
        contract="sleeves",
        members=tuple(members.items()),
    )


def _read(module: ModuleType, variant: str | None) -> Strategy:
    path = module.__name__
    declared = _declared(module, variant)
    params = declared["Params"]
    if not (isinstance(params, type) and issubclass(params, tuple) and hasattr(params, "_fields")):
        raise ValueError(f"strategy {path}: needs a class Params(NamedTuple)")
    contract, signal = _contract(module)
    if module.__file__ is None:
        raise ValueError(f"strategy {path}: is a folder, not a file")
    levels = _levels(path, module)
    types = _types(path, params)
    rows = _rows(path, declared["ROWS"])
    _keep_compiled(
        Path(module.__file__), [signal, *filter(None, [levels]), *(row.function for row in rows)]
    )
    return Strategy(
        name=path.rpartition(".")[2],
        module=path if variant is None else f"{path}({variant})",
        fields=tuple(types),
        types=types,
        defaults=_defaults(path, params, types),
        limits=_limits(path, declared["LIMITS"], types),
        rows=rows,
        columns=_columns(rows, types),
        source_hash=source_hash(module),
        signal=signal,
        contract=contract,
        levels=levels,
    )


def _declared(module: ModuleType, variant: str | None) -> dict[str, Any]:
    """Params, LIMITS and ROWS of a file: its own, or what its `declare` makes of the variant."""
    declare = getattr(module, "declare", None)
    if variant is not None and declare is None:
        raise ValueError(f"strategy {module.__name__}: takes nothing in brackets, got {variant!r}")
    if declare is not None:
        params, limits, rows = declare(variant or "")
        return {"Params": params, "LIMITS": limits, "ROWS": rows}
    return {
        "Params": getattr(module, "Params", None),
        "LIMITS": getattr(module, "LIMITS", {}),
        "ROWS": getattr(module, "ROWS", ()),
    }


def _contract(module: ModuleType) -> tuple[str, CPUDispatcher]:
    """The contract of a file and the function that keeps it."""
    path = module.__name__
    own = [name for name in CONTRACTS if isinstance(getattr(module, name, None), CPUDispatcher)]
    if not own:
        raise ValueError(
            f"strategy {path}: needs a function {' or '.join(CONTRACTS)}, decorated with @njit"
        )
    if len(own) > 1:
        raise ValueError(f"strategy {path}: has {' and '.join(own)}; keep one of them")
    contract, signal = CONTRACTS[own[0]], getattr(module, own[0])
    takes = tuple(inspect.signature(signal.py_func).parameters)
    if len(takes) != len(TAKES[contract]):
        raise ValueError(
            f"strategy {path}: {own[0]} must take ({', '.join(TAKES[contract])}), "
            f"got ({', '.join(takes)})"
        )
    return contract, signal


def _levels(path: str, module: ModuleType) -> Callable[..., None] | None:
    """The strategy's own prices, if it writes some."""
    levels = getattr(module, "levels", None)
    if levels is None:
        return None
    if not isinstance(levels, CPUDispatcher):
        raise ValueError(f"strategy {path}: needs its function levels decorated with @njit")
    takes = tuple(inspect.signature(levels.py_func).parameters)
    if len(takes) != len(LEVELS):
        raise ValueError(
            f"strategy {path}: levels must take ({', '.join(LEVELS)}), got ({', '.join(takes)})"
        )
    return levels


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


def _rows(path: str, given: Any) -> tuple[Row, ...]:
    rows = tuple(given)
    if not all(isinstance(row, Row) for row in rows):
        raise ValueError(f"strategy {path}: ROWS must hold Row(function, *arguments) only")
    return rows


def _columns(rows: tuple[Row, ...], types: Mapping[str, type]) -> tuple[str, ...]:
    named = [a for row in rows for a in row.arguments if isinstance(a, str)]
    return tuple(dict.fromkeys(a for a in named if a not in types and a not in PRICES))


def _keep_compiled(file: Path, functions: list[object]) -> None:
    """Give jitted functions that were declared without cache=True a cache on disk.

    Only in a file that stands alone: Numba sees that this file changed, but not that one it
    imports from did.
    """
    jitted = [function for function in functions if isinstance(function, CPUDispatcher)]
    uncached = [function for function in jitted if not function.stats.cache_path]
    if uncached and stands_alone(file):
        for function in uncached:
            function.enable_caching()
