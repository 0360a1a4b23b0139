"""Conditions on named numbers, such as `0 < fast < slow`: parsed, checked, vectorised.

A sweep's constraint is one on parameters and settings; `search.require` has some on metrics.

The text is data from a config file, so it is never run as Python: `ast` reads it, every node must
be on a short list, and NumPy evaluates the tree.
"""

import ast
import operator
import re
import sys
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import reduce
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Binary = Callable[[Any, Any], Any]

MOST_CHARACTERS = 1_000
MOST_DEPTH = 50
OFF = "null"
"""The word for a number that is off or unknown, NaN: it stands next to == and != only."""

_ALLOWED = "names, numbers, + - * / // %, comparisons, and, or, not and brackets"
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*")
_ARITHMETIC: dict[type[ast.operator], Binary] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type[ast.cmpop], Binary] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Condition:
    """A condition that some numbers meet or not.

    Numbers are float64 under IEEE rules: a division by zero gives inf or NaN instead of an error.
    A comparison that mentions a number which is NaN itself (a setting that is off, a metric that is
    not known) is neither true nor false, as in SQL: `holds` says what the whole then counts as.

    Attributes:
        text: as given, on one line.
        key: begins every error.
        names: the numbers it mentions, in order of appearance, without `params.`; dots allowed
            (`weights.rsi`, `risk.stop_loss`).
    """

    text: str
    key: str = field(default="constraint", compare=False)
    names: tuple[str, ...] = field(init=False)
    _tree: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", " ".join(self.text.split()))
        tree = _Reader(self.text, self.key).read()
        names = dict.fromkeys(_path(node) for node in _leaves(tree))
        object.__setattr__(self, "names", tuple(names))
        object.__setattr__(self, "_tree", tree)

    def __str__(self) -> str:
        """The text, on one line."""
        return self.text

    def check_names(self, names: Iterable[str], kind: str = "parameter") -> None:
        """Raise ValueError when a number it mentions is not among `known`, which are of a kind."""
        names = sorted(names)
        for name in self.names:
            if name not in names:
                near = get_close_matches(name, names, n=1)
                hint = f"did you mean {near[0]}? " if near else ""
                raise ValueError(
                    f"{self.key} {self.text!r}: no {kind} {name!r}; "
                    f"{hint}known here: {', '.join(names) or 'none'}"
                )

    def clauses(self) -> tuple["Condition", ...]:
        """The conditions that a top-level `and` joins: all must be met. One if there is none."""
        if isinstance(self._tree, ast.BoolOp) and isinstance(self._tree.op, ast.And):
            texts = [ast.get_source_segment(self.text, part) for part in self._tree.values]
            return tuple(Condition(text, self.key) for text in texts if text)
        return (self,)

    def holds(self, columns: Mapping[str, Floats | float], unknown: bool = True) -> Bools:
        """Which points meet it.

        Args:
            columns: a value for every one of `names`: arrays that broadcast together, or scalars.
            unknown: what it counts as where it is neither true nor false.

        Returns:
            bool, of the shape the columns broadcast to.
        """
        with np.errstate(all="ignore"):
            if not any(np.isnan(columns[name]).any() for name in self.names):
                return np.asarray(_value(self._tree, columns), dtype=np.bool_)
            true, false = _truth(self._tree, columns)
            return np.asarray(~false if unknown else true, dtype=np.bool_)


def _truth(node: ast.expr, columns: Mapping[str, Floats | float]) -> tuple[Any, Any]:
    """Where a condition is true, and where it is false: three-valued logic, after Kleene."""
    match node:
        case ast.BoolOp(op, values):
            parts = [_truth(value, columns) for value in values]
            true, false = (reduce(np.logical_and, side) for side in zip(*parts, strict=True))
            if isinstance(op, ast.And):
                return true, reduce(np.logical_or, [part[1] for part in parts])
            return reduce(np.logical_or, [part[0] for part in parts]), false
        case ast.UnaryOp(ast.Not(), operand):
            true, false = _truth(operand, columns)
            return false, true
        case ast.Compare(left, _, comparators):
            held = np.asarray(_value(node, columns))
            if any(_is_off(side) for side in (left, *comparators)):
                return held, ~held
            off = reduce(np.logical_or, [np.isnan(columns[_path(name)]) for name in _leaves(node)])
            return held & ~off, ~held & ~off
    raise AssertionError(node)


def _value(node: ast.expr, columns: Mapping[str, Floats | float]) -> Any:
    """Evaluate a tree that `_Reader` has accepted."""
    match node:
        case ast.BoolOp(op, values):
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            result = _value(values[0], columns)
            for value in values[1:]:
                result = join(result, _value(value, columns))
            return result
        case ast.Compare(left, [op], [right]) if _is_off(left) or _is_off(right):
            is_off = np.isnan(_value(right if _is_off(left) else left, columns))
            return is_off if isinstance(op, ast.Eq) else ~is_off
        case ast.Compare(left, ops, comparators):
            sides = [_value(side, columns) for side in (left, *comparators)]
            result = np.True_
            for number, comparison in enumerate(ops):
                compare = _COMPARISONS[type(comparison)]
                result = result & compare(sides[number], sides[number + 1])
            return result
        case ast.BinOp(left, operation, right):
            apply = _ARITHMETIC[type(operation)]
            return apply(_value(left, columns), _value(right, columns))
        case ast.UnaryOp(op, operand):
            inner = _value(operand, columns)
            return np.logical_not(inner) if isinstance(op, ast.Not) else -inner
        case ast.Constant(number):
            return np.float64(number)
        case _:
            return np.asarray(columns[_path(node)], dtype=np.float64)


def _leaves(tree: ast.expr) -> Iterable[ast.expr]:
    """The names of a tree, left to right, a dotted one as one."""
    if _is_off(tree):
        return
    if isinstance(tree, ast.Name | ast.Attribute):
        yield tree
        return
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.expr):
            yield from _leaves(child)


def _is_off(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == OFF


def _path(node: ast.expr) -> str:
    """Give the name that a Name, or a chain of Attributes on one, spells."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    assert isinstance(node, ast.Name)
    return short(".".join([node.id, *reversed(parts)]))


def short(path: str) -> str:
    """A config path as constraints write it: `params.` is left out."""
    return path.removeprefix("params.")


class _Reader:
    """Reads a text into a tree of allowed nodes, or raises one line that says where it is wrong."""

    def __init__(self, text: str, key: str) -> None:
        self.text = text
        self.key = key

    def read(self) -> ast.expr:
        if not self.text:
            self._fail("is empty; write null for none")
        if "#" in self.text:
            self._fail("has a comment; put it outside the text")
        if len(self.text) > MOST_CHARACTERS:
            self._fail(f"at most {MOST_CHARACTERS} characters are read, got {len(self.text)}")
        try:
            with warnings.catch_warnings(action="ignore"):  # on text that is refused below
                tree = ast.parse(self.text, mode="eval").body
        except SyntaxError as error:
            column = error.offset or len(self.text) + 1
            self._fail(f"cannot be read at column {column}; write a comparison, as fast < slow")
        except (ValueError, RecursionError, MemoryError) as error:
            self._fail(f"cannot be read ({error})")
        self._condition(tree, 1)
        return tree

    def _condition(self, node: ast.expr, depth: int) -> None:
        """Accept what is true or false."""
        self._check_depth(node, depth)
        match node:
            case ast.BoolOp(_, values):
                for value in values:
                    self._condition(value, depth + 1)
            case ast.UnaryOp(ast.Not(), operand):
                self._condition(operand, depth + 1)
            case ast.Compare(left, ops, comparators) if any(map(_is_off, (left, *comparators))):
                self._test_of_off(node, left, ops, comparators)
            case ast.Compare(left, ops, comparators) if all(type(op) in _COMPARISONS for op in ops):
                for side in (left, *comparators):
                    self._number(side, depth + 1)
            case ast.Name() | ast.Attribute() | ast.Constant() | ast.BinOp() | ast.UnaryOp():
                self._refuse(node, "a number where a condition belongs; compare it with something")
            case _:
                self._refuse_kind(node)

    def _test_of_off(
        self, node: ast.expr, left: ast.expr, ops: list[ast.cmpop], right: list[ast.expr]
    ) -> None:
        """Accept `name == null` and `name != null`."""
        named = [side for side in (left, *right) if not _is_off(side)]
        plain = len(ops) == len(named) == 1 and isinstance(named[0], ast.Name | ast.Attribute)
        if not plain or not isinstance(ops[0], ast.Eq | ast.NotEq):
            self._refuse(node, f"{OFF}, which stands after a name and == or != only")
        self._number(named[0], 1)

    def _number(self, node: ast.expr, depth: int) -> None:
        """Accept what has a value."""
        self._check_depth(node, depth)
        match node:
            case ast.BinOp(left, op, right) if type(op) in _ARITHMETIC:
                self._number(left, depth + 1)
                self._number(right, depth + 1)
            case ast.UnaryOp(ast.USub(), operand):
                self._number(operand, depth + 1)
            case ast.Constant(int() | float() as value) if not isinstance(value, bool):
                if abs(value) > sys.float_info.max:
                    self._refuse(node, "a number too large")
            case ast.Name() if _is_off(node):
                self._refuse(node, f"{OFF}, which stands after a name and == or != only")
            case ast.Name() | ast.Attribute() if _NAME.fullmatch(self._source(node)):
                pass
            case ast.Compare() | ast.BoolOp() | ast.UnaryOp(ast.Not()):
                self._refuse(node, "a condition where a number belongs; join conditions with `and`")
            case _:
                self._refuse_kind(node)

    def _check_depth(self, node: ast.expr, depth: int) -> None:
        if depth > MOST_DEPTH:
            self._refuse(node, f"more than {MOST_DEPTH} levels of nesting")

    def _source(self, node: ast.expr) -> str:
        return ast.get_source_segment(self.text, node) or ""

    def _refuse_kind(self, node: ast.expr) -> NoReturn:
        self._refuse(node, f"{self._source(node)!r}; allowed are {_ALLOWED}")

    def _refuse(self, node: ast.expr, what: str) -> NoReturn:
        column = len(self.text.encode()[: node.col_offset].decode()) + 1
        self._fail(f"column {column} has {what}")

    def _fail(self, reason: str) -> NoReturn:
        text = self.text if len(self.text) <= 80 else self.text[:77] + "..."
        raise ValueError(f"{self.key} {text!r}: {reason}") from None
