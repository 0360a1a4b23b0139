"""Runs and records as plain Python and as JSON: hashes in hex, times in ISO 8601."""

import json
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, cast

from store.files.arrow_types import Table
from store.records.run_row import RunRow
from store.runs.columns import IDENTITY, ORIGIN, PARAMS, SETTINGS, metrics_of, words_named


def run_dicts(table: Table) -> list[RunRow]:
    """Every run of a pa.Table of runs as a dict: its identity, params, settings and metrics.

    `ref` is the REF that names the run; where an earlier experiment has made it, `origin` and
    `origin_run` are its id and the run's number there. Params are by name without `params.`, those
    of other strategies left out; settings are those that were swept, NaN when off; `words` is there
    where words were swept, see `store.runs.swept_words`; metrics are in the units of `kernels`,
    None where a pruned run has none.
    """
    metrics, words = metrics_of(table.schema), words_named(table.schema)
    return [_run_dict(row, metrics, words) for row in table.to_pylist()]


def _run_dict(
    row: Mapping[str, object], metrics: tuple[str, ...], words: tuple[str, ...]
) -> RunRow:
    identity = {name: _text(row[name]) for name in IDENTITY.names}
    params = {
        name.removeprefix(PARAMS): value
        for name, value in row.items()
        if name.startswith(PARAMS) and value is not None
    }
    settings = {
        name: value
        for name, value in row.items()
        if name.startswith(SETTINGS) and value is not None and name not in words
    }
    values = {
        "ref": f"{row['experiment_id']}/{row['run']}",
        **identity,
        **{name: row[name] for name in ORIGIN.names if row.get(name) is not None},
        "params": params,
        "settings": settings,
        **({"words": {n: row[n] for n in words if row[n] is not None}} if words else {}),
        "metrics": {name: row.get(name) for name in metrics},
    }
    return cast(RunRow, values)


def _text(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return value.isoformat() if isinstance(value, datetime) else value


def to_json(value: object) -> str:
    """Strict JSON, indented: NaN becomes null, an infinity the string "inf" or "-inf"."""
    return json.dumps(strict(value), indent=2, allow_nan=False)


def strict(value: object) -> Any:
    """A value that strict JSON can hold, as `to_json` writes it."""
    if isinstance(value, float) and not math.isfinite(value):
        return None if math.isnan(value) else str(value)
    if isinstance(value, Mapping):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    return value
