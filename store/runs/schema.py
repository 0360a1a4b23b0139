"""The Arrow schemas of what a sweep writes, declared once."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from kernels import BLOCKS, METRICS
from store.files.arrow_types import Schema
from store.runs.columns import BLOCK_SUMS, IDENTITY, PARAMS, SETTINGS, TRIED, metadata

COUNTS = ("trades", "winning_trades", "losing_trades")
"""The metrics that are int64; all others are float64."""


def run_schema(
    params: Mapping[str, type], swept: Sequence[str] = (), own_metrics: Sequence[str] = ()
) -> Schema:
    """The pa.Schema of a table of runs.

    Args:
        params: type, int or float, of every parameter of the experiment's strategies, by its
            name without the `params.` that the column has in front.
        swept: columns of swept settings, such as `costs.commission` or `risk.stop_loss`;
            float64, NaN where the setting is off.
        own_metrics: columns of metrics of the user's own, `metrics.NAME`; float64.

    Returns:
        identity, params, swept settings, tried, metrics (units as in `kernels`), block sums: in
        this order. Metrics and block sums are null where a pruned run has none.
    """
    fields = [*IDENTITY]
    fields += [pa.field(PARAMS + name, _number(name, kind)) for name, kind in params.items()]
    fields += [pa.field(_setting(name), pa.float64()) for name in swept]
    fields.append(TRIED)
    metrics = (*METRICS, *own_metrics)
    fields += [pa.field(name, pa.int64() if name in COUNTS else pa.float64()) for name in metrics]
    sums = pa.list_(pa.field("element", pa.float32()), BLOCKS)  # the name that Parquet gives back
    fields += [pa.field(name, sums) for name in BLOCK_SUMS]
    schema: Schema = pa.schema(fields, metadata=metadata(metrics))
    return schema


def _number(name: str, kind: type) -> object:
    if kind not in (int, float):
        raise ValueError(f"params.{name}: a parameter is an int or a float, got {kind.__name__}")
    return pa.int64() if kind is int else pa.float64()


def _setting(name: str) -> str:
    if not name.startswith(SETTINGS):
        raise ValueError(
            f"{name}: a swept setting is named costs.NAME, fill.NAME, risk.NAME or size.NAME"
        )
    return name
