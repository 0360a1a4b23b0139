"""Bars in, runs out: data sources, Parquet results, queries, report. No Ray, no Hydra."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from store.query.results import Results

__all__ = ["Results"]


def __getattr__(name: str) -> Any:
    if name != "Results":
        raise AttributeError(f"module 'store' has no attribute {name!r}")
    from store.query.results import Results  # late: pandas, Arrow and DuckDB take a second

    return Results


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
