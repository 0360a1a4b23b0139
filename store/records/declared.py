"""Declaration of an experiment before its first run, as its record keeps it."""

from dataclasses import dataclass

from store.files.typed_json import JsonRecord, later


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredRecord(JsonRecord):
    """Size and limits that were on record first; records of older checkouts lack all fields.

    Attributes:
        configurations: that were planned.
        gate: name of the preset that judges them unless another is asked for.
        limits: of its checks, by name.
    """

    configurations: int | None = later(None)
    gate: str | None = later(None)
    limits: dict[str, float] | None = later(None)  # noqa: RUF009 -- a field, not a value
