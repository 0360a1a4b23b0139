"""Records as frozen dataclasses: what is read, what is refused, and what is written back."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from store.files.typed_json import JsonRecord, later, none_if_empty, unknown_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Inner(JsonRecord):
    number: float
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outer(JsonRecord):
    name: str
    inner: Inner | None = none_if_empty(Inner)  # noqa: RUF009 -- a field, not a value
    by_name: dict[str, Inner] = field(default_factory=dict)
    newer: int | None = later(None)
    others: Mapping[str, object] = unknown_fields()
    last: str = ""


WRITTEN = {
    "name": "x",
    "inner": {"number": 1, "words": ["a"]},
    "by_name": {"y": {"number": 0.5, "words": []}},
    "surprise": {"deep": [None, 1]},
    "last": "z",
}


def test_it_is_written_as_it_was_read_in_the_order_of_the_fields():
    record = Outer.from_json(WRITTEN)
    assert record.inner == Inner(number=1, words=("a",))
    assert record.others == {"surprise": {"deep": [None, 1]}}
    assert record.to_json() == WRITTEN
    assert list(record.to_json()) == list(WRITTEN), "unknown fields stand where their field does"
    assert type(record.to_json()["inner"]["number"]) is int


def test_a_field_may_have_the_name_of_the_one_for_unknown_fields():
    record = Outer.from_json({"name": "x", "others": 7})
    assert record.others == {"others": 7}
    assert Outer.from_json(record.to_json()) == record


def test_what_is_missing_takes_its_default_and_is_written_unless_it_came_later():
    record = Outer.from_json({"name": "x"})
    assert record.to_json() == {"name": "x", "inner": {}, "by_name": {}, "last": ""}
    assert Outer.from_json(record.to_json()) == record
    assert Outer(name="x", newer=0).to_json()["newer"] == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"name": None}, "name is a NoneType, which it cannot be"),
        ({"inner": {"words": []}}, "inner has no field 'number'"),
        ({"inner": {"number": 1, "more": 2}}, "inner has an unknown field 'more'"),
        ({"inner": {"number": True}}, "inner.number is a bool"),
        ({"inner": None}, "inner is a NoneType, not an object"),
        ({"by_name": {"y": {"number": 1, "words": [1]}}}, r"by_name\['y'\].words\[0\] is a int"),
        ({"by_name": []}, "by_name is a list"),
        ({"newer": 1.5}, "newer is a float"),
    ],
)
def test_what_does_not_fit_is_named_by_its_path(change, message):
    with pytest.raises(ValueError, match=f"^{message}"):
        Outer.from_json(WRITTEN | change)


def test_a_record_without_a_place_for_unknown_fields_refuses_them():
    with pytest.raises(ValueError, match="has an unknown field 'more'"):
        Inner.from_json({"number": 1, "more": 2})
