"""The columns of a run that do not depend on the kernels, and what a file says of the others.

A file carries in its schema's metadata which of its columns are metrics. Readers go by that, so
they read files of older kernels as those were written, and a look at the leaderboard need not
import numba (a second).
"""

from typing import Any

import pyarrow as pa

from store.errors import DamagedFile, StoreError
from store.files.arrow_types import Field, Schema, Table

VERSION = 1
"""Of the Arrow schema; raised when a column changes its name, type or meaning."""

IDENTITY = pa.schema(
    [
        pa.field("experiment_id", pa.string(), nullable=False),
        pa.field("run", pa.int64(), nullable=False),
        pa.field("config_hash", pa.binary(32), nullable=False),
        pa.field("params_hash", pa.binary(32), nullable=False),
        pa.field("strategy", pa.string(), nullable=False),
        pa.field("symbol", pa.string(), nullable=False),
        pa.field("timeframe", pa.string(), nullable=False),
        pa.field("direction", pa.string(), nullable=False),
        pa.field("window", pa.string(), nullable=False),
        pa.field("start", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("end", pa.timestamp("us", "UTC"), nullable=False),
        pa.field("status", pa.string(), nullable=False),
        pa.field("baseline", pa.bool_(), nullable=False),
        pa.field("look_ahead", pa.bool_(), nullable=False),
    ]
)
"""Who a run is. `start` and `end` are its first and last bar, both included; `status` is done or
pruned; `baseline` marks a strategy's defaults; `look_ahead` that it was allowed to look
ahead: it is not checked that its codes use no later bars."""

TRIED = pa.field("tried", pa.uint64())
"""What the ledger counts: the first 8 bytes of the hash of strategy source, params and settings,
equal for all windows and data; null in files of older checkouts."""

ORIGIN = pa.schema([pa.field("origin", pa.string()), pa.field("origin_run", pa.int64())])
"""Of a run that an earlier experiment has made: the id of that one, and the run's number there.
Null in runs that the experiment has made itself; the columns are missing where all are."""

BLOCK_SUMS = ("block_sum", "block_sumsq")
"""Sums of r and of r^2 in each 1/BLOCKS of the window; r is the return per bar, a fraction."""

PARAMS = "params."
"""Prefix of a parameter's column; null where the run's strategy has no such parameter."""

RISK = "risk."
SETTINGS = ("costs.", RISK, "fill.", "size.")
"""Prefixes of the columns of swept settings."""

LOWER_IS_BETTER = frozenset({"volatility", "max_drawdown", "losing_trades", "turnover", "kurtosis"})
"""Metrics whose best value is the lowest; of every other metric it is the highest."""

PERCENT = frozenset(
    (
        "total_return",
        "annual_return",
        "volatility",
        "max_drawdown",
        "win_rate",
        "avg_win",
        "avg_loss",
        "expectancy",
        "exposure",
    )
)
"""Metrics that are fractions and are shown as percent."""

HEADINGS = {"annual_return": "CAGR", "total_return": "return", "max_drawdown": "max DD"}
"""Headings of metrics where they are not their names."""

UNITS = {"turnover": "x/year"}
"""Units of metrics that are neither percent nor plain numbers."""

_VERSION, _METRICS, _WORDS = b"sweeper.version", b"sweeper.metrics", b"sweeper.words"


def short(name: str) -> str:
    """A parameter's or setting's name without the folder of the config that it is in."""
    for prefix in (PARAMS, "risk.", "costs.", "fill."):
        name = name.removeprefix(prefix)
    return name


def metadata(metrics: tuple[str, ...]) -> dict[bytes, bytes]:
    """Metadata that `check_version` and `metrics_of` read."""
    return {_VERSION: str(VERSION).encode(), _METRICS: ",".join(metrics).encode()}


_WHO = [IDENTITY.field(name) for name in ("experiment_id", "run", "config_hash")]
_WHY = ("strategy", "symbol", "window", "config_json", "error", "traceback")
ERRORS = pa.schema(
    [*_WHO, *(pa.field(name, pa.string(), nullable=False) for name in _WHY), TRIED],
    metadata=metadata(()),
)
"""Rows of runs that failed: which, on what config, and why."""


def check_version(schema: Schema, what: object) -> None:
    """Raise unless `schema` is a pa.Schema of this store, of this version or an older one."""
    text = (schema.metadata or {}).get(_VERSION, b"")
    if not text.isdigit():
        raise DamagedFile(f"{what}: is no file of this store: its schema has no version")
    if int(text) > VERSION:
        raise StoreError(
            f"{what}: has schema version {int(text)}, this checkout reads up to {VERSION}; "
            "update the checkout"
        )


def with_words_named(table: Table, names: tuple[str, ...]) -> Table:
    """A pa.Table that says which of its columns are words to show: see `words_named`."""
    metadata = {**(table.schema.metadata or {}), _WORDS: ",".join(names).encode()}
    return table.replace_schema_metadata(metadata)


def words_named(schema: Schema) -> tuple[str, ...]:
    """Columns of words in which the runs of a table differ; none where it does not say."""
    text: str = (schema.metadata or {}).get(_WORDS, b"").decode()
    return tuple(name for name in text.split(",") if name)


def metrics_of(schema: Schema) -> tuple[str, ...]:
    """Names of the metrics among the columns of a pa.Schema that `check_version` accepted."""
    text: str = (schema.metadata or {}).get(_METRICS, b"").decode()
    return tuple(name for name in text.split(",") if name)


def check_columns(schema: Schema, what: object) -> None:
    """Raise unless every column of a pa.Schema is one that a table of runs may have."""
    check_version(schema, what)
    metrics = metrics_of(schema)
    for field in IDENTITY:
        if field.name not in schema.names or schema.field(field.name).type != field.type:
            raise DamagedFile(f"{what}: {field.name} is to be a column of type {field.type}")
    if missing := sorted(set(metrics) - set(schema.names)):
        raise DamagedFile(f"{what}: lacks the metric {missing[0]}")
    for field in schema:
        if field.name not in IDENTITY.names and not _may_be(field, metrics):
            raise DamagedFile(f"{what}: a run has no column {field.name[:60]!r} of {field.type}")


def _may_be(field: Field, metrics: tuple[str, ...]) -> bool:
    """True when a table of runs may have a column next to its identity."""
    if field.name in BLOCK_SUMS:
        kind: Any = field.type
        return bool(pa.types.is_fixed_size_list(kind) and kind.value_type == pa.float32())
    if field.name == TRIED.name:
        return bool(field.type == TRIED.type)
    if field.name in ORIGIN.names:
        return bool(field.type == ORIGIN.field(field.name).type)
    if field.name.startswith(SETTINGS):
        return bool(field.type == pa.float64())
    named = field.name.startswith(PARAMS) or field.name in metrics
    return named and field.type in (pa.int64(), pa.float64())
