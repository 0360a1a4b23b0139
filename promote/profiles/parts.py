"""Parts of a profile's file, by their keys."""

from typing import NotRequired, TypedDict


class StrategyPart(TypedDict):
    """The strategy, and the hash of its file when it was promoted."""

    name: str
    module: str
    source_hash: str
    look_ahead: bool


class WindowPart(TypedDict):
    """The judged window: role, bars [start, stop), times of the first and last of them."""

    role: str
    start: int
    stop: int
    first: str
    last: str


class HoldoutPart(TypedDict):
    """The holdout: its share or first day, where it begins, and how often it was looked at."""

    date: NotRequired[str]
    fraction: NotRequired[float]
    after: str
    uses: int


class ExperimentPart(TypedDict):
    """The run that was promoted, and the sweep that it was chosen in."""

    id: str
    run: int
    name: str
    hypothesis: str
    search: str
    seed: int


class GatePart(TypedDict):
    """The gate that it passed: limits that were changed, the selection, every verdict."""

    preset: str
    changed: dict[str, object]
    selected_by: str | None
    benchmark: str | None
    verdicts: list[dict[str, object]]


class TriedPart(TypedDict):
    """Configurations that the gate counted."""

    ledger: int | None
    compared: int | None
    independent: float | None
