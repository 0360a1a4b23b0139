"""Strategy of a study: a name, a module, or a function that becomes a module."""

import inspect
from collections.abc import Collection, Iterable, Mapping
from types import ModuleType
from typing import Any, TypeGuard

import numpy as np

from kernels.registry import CONTRACTS, FOLDER, PANEL_FOLDER, TAKES
from kernels.series.bars import PRICES
from kernels.strategy import Row
from serve.notebook.cell_source import definitions, plain, written_module

HEAD = '''"""Strategy {name}, as a cell of a notebook defines it."""

from typing import NamedTuple

import numba
from kernels.indicators import column
from kernels.strategy import Row
'''
WRAPPED = '''
@numba.njit(error_model="numpy")
def signal(indicators, rows, params, out):
    """Write the codes of `{name}`."""
    codes = {call}
    for i in range(out.size):
        out[i] = codes[i]
'''
WRITING = '''
@numba.njit(error_model="numpy")
def signal(indicators, rows, params, out):
    """Have `{name}` write its codes."""
    {call}
'''


def strategy_words(
    strategy: object, space: Mapping[str, object] | None, columns: Collection[str]
) -> list[str]:
    """Overrides that choose a strategy.

    Args:
        strategy: a name of conf/strategy; a module or its import path; or a function, jitted or
            not: of `(indicators, rows, params, out)` next to `Params` and `ROWS`, or of columns of
            the bars and parameters, `breakout(close, length=20)`, that gives a code per bar.
        space: swept values, by which the types of its parameters are known.
        columns: of the bars, besides the prices.

    Raises:
        ValueError: it is none of these.
    """
    if isinstance(strategy, ModuleType):
        package, _, name = strategy.__name__.rpartition(".")
        return (
            [f"strategy={name}"] if package in (FOLDER, PANEL_FOLDER) else _own(strategy.__name__)
        )
    if isinstance(strategy, str):
        return _own(strategy) if "." in strategy else [f"strategy={strategy}"]
    return _own(module_of(strategy, space or {}, columns))


def _own(path: str) -> list[str]:
    return ["strategy=custom", f"strategy.module={path}"]


def module_of(function: object, space: Mapping[str, object], columns: Collection[str]) -> str:
    """Write a function as a strategy's file; its import path."""
    own = plain(function)
    takes = tuple(inspect.signature(own).parameters)
    if takes in TAKES.values():
        source = _contract_source(own.__name__, function)
    else:
        source = _wrapped_source(own.__name__, function, space, columns)
    return written_module(own.__name__, source)


def _contract_source(name: str, function: object) -> str:
    """A file of a function that keeps the contract, with Params and ROWS of its notebook."""
    near = plain(function).__globals__
    params: Any = near.get("Params")
    rows = near.get("ROWS", ())
    if not hasattr(params, "_field_defaults"):
        raise ValueError(f"strategy {name}: needs a class Params(NamedTuple), defined before it")
    parts = dict[str, str]()
    for row in rows:
        parts |= definitions(row.function)
    listed = "".join(f"    {_row_text(row)},\n" for row in rows)
    parts |= definitions(function)
    kinds = {field: params.__annotations__[field].__name__ for field in params._fields}
    fields = {field: (kinds[field], params._field_defaults.get(field)) for field in params._fields}
    alias = "" if name in CONTRACTS else f"\nsignal = {name}\n"
    declared = f"{_params_text(fields)}\nROWS = (\n{listed})\n"
    if limits := near.get("LIMITS"):
        declared += f"LIMITS = {dict(limits)!r}\n"
    return "\n".join([HEAD.format(name=name), *parts.values(), declared, alias])


def _row_text(row: Row) -> str:
    words = [plain(row.function).__name__, *map(repr, row.arguments)]
    if row.timeframe is not None:
        words.append(f"timeframe={row.timeframe!r}")
    return f"Row({', '.join(words)})"


def _wrapped_source(
    name: str, function: object, space: Mapping[str, object], columns: Collection[str]
) -> str:
    """A file of a function of columns and parameters."""
    named = inspect.signature(plain(function)).parameters
    prices = [each for each in named if each in (*PRICES, "volume", *columns)]
    params = {
        each: _declared(name, each, parameter, space)
        for each, parameter in named.items()
        if each not in prices and each != "out"
    }
    if not prices:
        raise ValueError(
            f"strategy {name}: takes no column of the bars, got ({', '.join(named)}); name one of "
            f"{', '.join((*PRICES, 'volume', *columns))}"
        )
    fields = list(params)
    given = {each: f"indicators[rows[{k}]][: out.size]" for k, each in enumerate(prices)}
    for place, each in enumerate(fields):
        kind = params[each][0]
        given[each] = f"params[{place}]" if kind == "float" else f"int(params[{place}])"
    call = f"{name}({', '.join('out' if each == 'out' else given[each] for each in named)})"
    rows = "".join(f'    Row(column, "{each}"),\n' for each in prices)
    body = (WRITING if "out" in named else WRAPPED).format(name=name, call=call)
    declared = f"{_params_text(params)}\nROWS = (\n{rows})\n"
    parts = definitions(function)
    if name == "signal":
        raise ValueError("strategy signal: give a function of columns another name")
    return "\n".join([HEAD.format(name=name), *parts.values(), declared, body])


def _params_text(fields: Mapping[str, tuple[str, object]]) -> str:
    lines = [f"    {name}: {kind} = {default!r}\n" for name, (kind, default) in fields.items()]
    return f'class Params(NamedTuple):\n    """Parameters."""\n\n{"".join(lines)}'


def _declared(
    strategy: str, name: str, parameter: inspect.Parameter, space: Mapping[str, object]
) -> tuple[str, int | float]:
    """Type and default of a parameter: its own, else those of the values that are swept."""
    listed = numbers_of(space.get(name))
    default = parameter.default
    if default is inspect.Parameter.empty:
        if not listed:
            raise ValueError(
                f"strategy {strategy}: its parameter {name} needs a default, or values in the space"
            )
        default = listed[0]
    if not isinstance(default, int | float | np.number) or isinstance(default, bool):
        raise ValueError(f"strategy {strategy}: {name} must be a number, got {default!r}")
    whole = all(float(value).is_integer() and not _is_float(value) for value in [*listed, default])
    if whole and parameter.annotation is not float:
        return "int", int(default)
    return "float", float(default)


def _is_float(value: object) -> bool:
    return isinstance(value, float | np.floating)


def numbers_of(values: object) -> list[int | float]:
    """Numbers among swept values; of text of the override grammar those that are written in it."""
    if isinstance(values, str):
        inner = values.rpartition("(")[2].rstrip(") ")
        return [_number(word) for word in inner.split(",") if _is_number(word)]
    if isinstance(values, Iterable) and not isinstance(values, Mapping):
        return [value for value in values if _is_value(value)]
    return [values] if _is_value(values) else []


def _is_value(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float | np.number) and not isinstance(value, bool)


def _number(word: str) -> int | float:
    try:
        return int(word)
    except ValueError:
        return float(word)


def _is_number(word: str) -> bool:
    try:
        float(word)
    except ValueError:
        return False
    return True
