"""The data of an experiment, as `experiment.json` keeps them."""

from collections.abc import Mapping
from dataclasses import dataclass

from store.files.typed_json import JsonRecord, later, unknown_fields


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityRecord(JsonRecord):
    """Quality of the bars, see `store.data.bars.Quality`; None where older records lack a field.

    Attributes:
        score: 0 to 1.
        gaps: bars that the calendar expects and that are absent.
        outside: bars at times when the calendar is closed.
        zero_volume: bars without volume.
        repaired: bars whose high or low was clamped; `repairs`, a line for each of the first.
        calendar: what gaps were counted against; empty: they were not.
        others: fields of later versions.
    """

    score: float
    gaps: int
    outside: int | None = later(None)
    zero_volume: int
    repaired: int
    repairs: tuple[str, ...] | None = later(None)
    calendar: str | None = later(None)
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRecord(JsonRecord):
    """All bars of one symbol, or of a universe, as they were loaded.

    Attributes:
        source: of the bars.
        spec: keys of the config group `data` that load them again; None in older records.
        fingerprint: of times, columns and values.
        timeframe: length of a bar.
        bars: how many.
        first: time of the first one; `last`, of the last one.
        periods_per_year: bars in a mean year.
        quality: how complete and clean they are.
        others: fields of later versions.
    """

    source: str
    spec: Mapping[str, object] | None = later(None)
    fingerprint: str
    timeframe: str
    bars: int
    first: str
    last: str
    periods_per_year: float
    quality: QualityRecord
    others: Mapping[str, object] = unknown_fields()
