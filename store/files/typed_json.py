"""Frozen dataclasses read from JSON and written to it, by the types of their fields.

A field's type is `int`, `float`, `str`, `bool`, None, `object` or `Any` (any JSON value), another
`JsonRecord`, or lists, tuples, mappings and unions of these. Numbers stay as they are written: a
whole number in a field of `float` is written back as one.
"""

import dataclasses
import typing
from collections.abc import Callable, Mapping
from types import NoneType, UnionType
from typing import Self, TypeVar

Reader = Callable[[object, str], object]
T = TypeVar("T")

_LATER = "later"


def later(default: T) -> T:
    """A field that earlier versions did not write: left out of the JSON where it is the default."""
    field: T = dataclasses.field(default=default, metadata={_LATER: True})
    return field


class JsonRecord:
    """A frozen dataclass that is stored as a JSON object; its fields are the object's."""

    __slots__ = ()

    @classmethod
    def from_json(cls, value: object, where: str = "") -> Self:
        """The record that a JSON value holds.

        Args:
            value: as `json.loads` gives it.
            where: path to it in its file, such as `groups[0]`, for the message.

        Raises:
            ValueError: a field is missing, unknown or of another type; it names the field.
        """
        record: Self = _record_reader(cls)(value, where)  # type: ignore[assignment]
        return record

    def to_json(self) -> dict[str, object]:
        """The fields as JSON values, in their order."""
        return {
            field.name: _plain(value)
            for field in _fields(type(self))
            if (value := getattr(self, field.name)) != field.default or _LATER not in field.metadata
        }


_FIELDS: dict[type, tuple["dataclasses.Field[object]", ...]] = {}
_READERS: dict[type, Reader] = {}


def _fields(kind: type) -> tuple["dataclasses.Field[object]", ...]:
    """Fields of a class, looked up once."""
    if kind not in _FIELDS:
        _FIELDS[kind] = dataclasses.fields(kind)
    return _FIELDS[kind]


def _plain(value: object) -> object:
    if isinstance(value, JsonRecord):
        return value.to_json()
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _record_reader(kind: type) -> Reader:
    """Reader of the JSON objects of one class, made once."""
    if kind not in _READERS:
        _READERS[kind] = _new_record_reader(kind)
    return _READERS[kind]


def _new_record_reader(kind: type) -> Reader:
    hints = typing.get_type_hints(kind)
    readers = {field.name: _reader(hints[field.name]) for field in _fields(kind)}
    needed = [
        field.name
        for field in _fields(kind)
        if field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
    ]

    def read(value: object, where: str) -> object:
        if not isinstance(value, dict):
            raise ValueError(f"{where or 'it'} is a {type(value).__name__}, not an object")
        at = f"{where}." if where else ""
        for name in needed:
            if name not in value:
                raise ValueError(f"{where} has no field {name!r}".lstrip())
        for name in value.keys() - readers.keys():
            raise ValueError(f"{where} has an unknown field {name!r}".lstrip())
        return kind(**{name: readers[name](item, at + name) for name, item in value.items()})

    return read


def _reader(hint: object) -> Reader:
    """Reader of the values of one type."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in (object, typing.Any):
        return lambda value, where: value
    if isinstance(hint, type) and issubclass(hint, JsonRecord):
        return _record_reader(hint)
    if origin in (UnionType, typing.Union):
        return _union_reader(parts)
    if origin in (list, tuple):
        return _sequence_reader(origin, _reader(parts[0]))
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return _mapping_reader(_reader(parts[1]))
    return _scalar_reader(hint)


def _union_reader(parts: tuple[object, ...]) -> Reader:
    """Reader of scalars and None, or of one type that is neither and None."""
    scalars = tuple(_kind(part) for part in parts if _kind(part) is not None)
    nested = [_reader(part) for part in parts if _kind(part) is None]
    allowed = tuple(kind for kinds in scalars if kinds for kind in kinds)

    def read(value: object, where: str) -> object:
        if type(value) in allowed:
            return value
        if not nested:
            raise _unfit(value, where)
        return nested[0](value, where)

    return read


def _sequence_reader(origin: type, item: Reader) -> Reader:
    def read(value: object, where: str) -> object:
        if not isinstance(value, list):
            raise _unfit(value, where)
        items = [item(element, f"{where}[{place}]") for place, element in enumerate(value)]
        return items if origin is list else tuple(items)

    return read


def _mapping_reader(item: Reader) -> Reader:
    def read(value: object, where: str) -> object:
        if not isinstance(value, dict):
            raise _unfit(value, where)
        return {name: item(entry, f"{where}[{name!r}]") for name, entry in value.items()}

    return read


def _scalar_reader(hint: object) -> Reader:
    kinds = _kind(hint)
    if kinds is None:
        raise TypeError(f"a field of a record cannot be of type {hint}")

    def read(value: object, where: str) -> object:
        if type(value) not in kinds:
            raise _unfit(value, where)
        return value

    return read


def _kind(hint: object) -> tuple[type, ...] | None:
    """Types of the JSON values of a scalar type; None of any other type."""
    kinds: dict[object, tuple[type, ...]] = {
        int: (int,),
        float: (float, int),
        str: (str,),
        bool: (bool,),
        NoneType: (NoneType,),
    }
    return kinds.get(hint)


def _unfit(value: object, where: str) -> ValueError:
    return ValueError(f"{where} is a {type(value).__name__}, which it cannot be")
