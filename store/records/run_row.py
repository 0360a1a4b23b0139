"""One run as commands and pages show it: the keys of its JSON object."""

from typing import Any, NotRequired, TypedDict


class RunRow(TypedDict):
    """A run, or a configuration in the place of its first train window's run.

    `store.runs.plain.run_dicts` makes it of a row of a Parquet file.

    Attributes:
        ref: REF that names it.
        experiment_id: of the experiment.
        run: its number there.
        config_hash: 64 hex digits; params_hash, that of the parameters alone.
        strategy: name; symbol, timeframe, direction as they were run.
        window: role; start and end, ISO 8601, of its first and last bar.
        status: done or pruned.
        baseline: whether it is the strategy's defaults; look_ahead, whether it may look ahead.
        params: by name without `params.`.
        settings: costs and risk that were swept, by key; NaN when off.
        metrics: in the units of `kernels`; None where a pruned run has none.
        words: swept words, where some were swept, see `store.runs.swept_words`.
        origin: id of the earlier experiment that made it; origin_run, its number there.
    """

    ref: str
    experiment_id: str
    run: int
    config_hash: str
    params_hash: str
    strategy: str
    symbol: str
    timeframe: str
    direction: str
    window: str
    start: str
    end: str
    status: str
    baseline: bool
    look_ahead: bool
    params: dict[str, float]
    settings: dict[str, float]
    metrics: dict[str, Any]
    words: NotRequired[dict[str, str | float]]
    origin: NotRequired[str]
    origin_run: NotRequired[int]
