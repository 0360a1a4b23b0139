"""The key `data.features`: which columns the bars get next to their own, and how they are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from store.data import bar_store
from store.data.features.asof_join import join
from store.data.features.transform import Floats, logarithm, zscore
from store.data.normalise import OHLCV
from store.data.spec import suggest
from store.files.paths import check_name, feature_record

MAX_WINDOW = 100_000


@dataclass(frozen=True)
class Feature:
    """One column.

    Attributes:
        column: its name among the bars.
        of: a feature that was ingested, or a column that the bars have.
        log: whether its logarithm is taken.
        zscore: bars of a rolling z-score, taken after that; None: none.
    """

    column: str
    of: str
    log: bool = False
    zscore: int | None = None


def features_of(option: Any) -> tuple[Feature, ...]:
    """Read the key: a list of names, or a mapping of columns to a name or to keys of `Feature`.

    Raises:
        ValueError: anything else.
    """
    if option is None:
        return ()
    if isinstance(option, str):
        option = [option]
    if not isinstance(option, Mapping):
        option = {str(name): str(name) for name in option}
    return tuple(_feature(str(column), given) for column, given in option.items())


def _feature(column: str, given: Any) -> Feature:
    key = f"data.features.{check_name(column, 'data.features')}"
    if column in OHLCV:
        raise ValueError(f"{key}: is a column of all bars; choose another name for the feature")
    keys = dict(given) if isinstance(given, Mapping) else {"of": given}
    for name in keys:
        if name not in ("of", "log", "zscore"):
            raise ValueError(f"{key}.{name}: no such key; there are of, log and zscore")
    log, window = keys.get("log", False), keys.get("zscore")
    if not isinstance(log, bool):
        raise ValueError(f"{key}.log: need true or false, got {log!r}")
    whole = isinstance(window, int) and not isinstance(window, bool)
    if window is not None and not (whole and 2 <= window <= MAX_WINDOW):
        raise ValueError(f"{key}.zscore: need 2 to {MAX_WINDOW:,} bars or null, got {window!r}")
    of = check_name(str(keys.get("of") or column), f"{key}.of")
    return Feature(column, of, log, window)


def with_features(
    frame: pd.DataFrame,
    wanted: tuple[Feature, ...],
    root: Path,
    versions: Mapping[str, str],
    calendar: str,
    timeframe: str,
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Add columns to bars.

    Args:
        frame: in the shape of `store.data.normalise`.
        wanted: the columns.
        root: of the store that has the features.
        versions: SHA-256 of the file to read, by feature; the current one of all others.
        calendar: of the bars.
        timeframe: of the bars.

    Returns:
        The bars, and which version of each feature was read.

    Raises:
        ValueError: no such feature, or the bars have a column of that name.
    """
    columns: dict[str, Floats] = {}
    read: dict[str, str] = {}
    for feature in wanted:
        if feature.column in frame.columns and feature.column != feature.of:
            raise ValueError(f"data.features.{feature.column}: the bars have a column of that name")
        if feature.of in frame.columns:
            values = frame[feature.of].to_numpy(np.float64)
        else:
            record = _record(root, feature.of, frame)
            read[feature.of] = versions.get(feature.of, record.file)
            rows = bar_store.read(root, read[feature.of], feature.of)
            values = join(frame, rows["value"], record.about["rule"], calendar, timeframe)
        values = logarithm(values) if feature.log else values
        columns[feature.column] = zscore(values, feature.zscore) if feature.zscore else values
    return frame.assign(**columns), read


def _record(root: Path, name: str, frame: pd.DataFrame) -> bar_store.Record:
    try:
        return bar_store.load_record(feature_record(root, name))
    except FileNotFoundError:
        names = [record.name for record in bar_store.records(root, "features")]
        raise ValueError(
            f"data.features: {root} has no feature {name!r}; "
            f"{suggest(name, [*names, *map(str, frame.columns)])}"
        ) from None
