"""Conditions on the points of a space, such as `0 < fast < slow`: parsed, checked, vectorised.

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
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from sweeper.axes import Floats

Bools = NDArray[np.bool_]
Binary = Callable[[Any, Any], Any]

MOST_CHARACTERS = 1_000
MOST_DEPTH = 50

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
class Constraint:
    """A condition that a point of the space meets or not.

    Numbers are float64 under IEEE rules: a division by zero gives inf or NaN instead of an error,
    and NaN (also a parameter that is `null`) meets no comparison but `!=`.

    Attributes:
        text: as given, on one line.
        names: the parameters it mentions, in order of appearance, without `params.`; dots allowed
            (`weights.rsi`, `risk.stop_loss`).
    """

    text: str
    names: tuple[str, ...] = field(init=False)
    _tree: ast.expr = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", " ".join(self.text.split()))
        tree = _Reader(self.text).read()
        names = dict.fromkeys(_path(node) for node in _leaves(tree))
        object.__setattr__(self, "names", tuple(names))
        object.__setattr__(self, "_tree", tree)

    def __str__(self) -> str:
        """The text, on one line."""
        return self.text

    def check_names(self, known: Iterable[str]) -> None:
        """Raise ValueError when a parameter it mentions is not among `known`."""
        known = sorted(known)
        for name in self.names:
            if name not in known:
                raise ValueError(
                    f"constraint {self.text!r}: no parameter {name!r}; "
                    f"known here: {', '.join(known) or 'none'}"
                )

    def clauses(self) -> tuple["Constraint", ...]:
        """The conditions that a top-level `and` joins: all must be met. One if there is none."""
        if isinstance(self._tree, ast.BoolOp) and isinstance(self._tree.op, ast.And):
            texts = [ast.get_source_segment(self.text, part) for part in self._tree.values]
            return tuple(Constraint(text) for text in texts if text)
        return (self,)

    def holds(self, columns: Mapping[str, Floats | float]) -> Bools:
        """Which points meet it.

        Args:
            columns: a value for every one of `names`: arrays that broadcast together, or scalars.

        Returns:
            bool, of the shape the columns broadcast to.
        """
        with np.errstate(all="ignore"):
            return np.asarray(_value(self._tree, columns), dtype=np.bool_)


def _value(node: ast.expr, columns: Mapping[str, Floats | float]) -> Any:
    """Evaluate a tree that `_Reader` has accepted."""
    match node:
        case ast.BoolOp(op, values):
            join = np.logical_and if isinstance(op, ast.And) else np.logical_or
            result = _value(values[0], columns)
            for value in values[1:]:
                result = join(result, _value(value, columns))
            return result
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
    if isinstance(tree, ast.Name | ast.Attribute):
        yield tree
        return
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, ast.expr):
            yield from _leaves(child)


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

    def __init__(self, text: str) -> None:
        self.text = text

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
            self._fail(f"{error.msg} at column {error.offset or len(self.text) + 1}")
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
            case ast.Compare(left, ops, comparators) if all(type(op) in _COMPARISONS for op in ops):
                for side in (left, *comparators):
                    self._number(side, depth + 1)
            case ast.Name() | ast.Attribute() | ast.Constant() | ast.BinOp() | ast.UnaryOp():
                self._refuse(node, "a number where a condition belongs; compare it with something")
            case _:
                self._refuse_kind(node)

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
        raise ValueError(f"constraint {text!r}: {reason}") from None
