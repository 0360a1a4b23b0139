"""Parts of a cell whose strategy ranks a universe: its name, settings, metrics, and refusals."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from hydra.core.override_parser.types import Override

from kernels import METRICS
from kernels.portfolio.accuracy import PANEL_METRICS
from kernels.portfolio.settings import PanelSettings
from kernels.registry import Strategy
from store.data import Dataset
from sweeper.config.schema import Config
from sweeper.config.sense import keyed

RANKING = "kernels.panel_strategies.ranking"
SLEEVES = "kernels.panel_strategies.sleeves"
COSTS = ("costs.commission", "costs.slippage")
"""Costs that a universe has."""
WEIGHTS = "params.weights."


def kernel_metrics(strategy: Strategy) -> tuple[str, ...]:
    """Metrics of the kernels that a run of the strategy has."""
    return (*METRICS, *PANEL_METRICS) if strategy.of_panel else METRICS


def strategy_name(config: Config, swept: Sequence[Override], weighed: Sequence[str] = ()) -> str:
    """The module to load; of a ranking with its features, of sleeves with their members.

    The features are those of `strategy.features`, which has their transforms, and all others that
    have a weight, as they are; `weighed` has paths of weights besides those swept one by one.
    """
    module = config.strategy.module
    if module == SLEEVES:
        members = config.strategy.members
        return f"{module}({','.join(f'{name}={each}' for name, each in members.items())})"
    if module != RANKING:
        return module
    paths = [override.get_key_element().lstrip("+") for override in swept]
    paths += [path for path in weighed if path.startswith(WEIGHTS)]
    weights = config.params.get("weights") or {}
    named = [*weights, *(p.removeprefix(WEIGHTS) for p in paths if p.startswith(WEIGHTS))]
    features = {name: config.strategy.features.get(name, "raw") for name in named}
    features |= config.strategy.features
    listed = (f"{name}={features[name]}" for name in sorted(features))
    return f"{module}({','.join(listed)})"


def panel_settings(
    config: Config, fixed: Mapping[str, float], periods_per_year: float
) -> PanelSettings:
    """The settings that all configurations share; swept costs are replaced per block."""
    portfolio = config.portfolio
    settings = PanelSettings(
        side=config.strategy.direction,
        weighting=portfolio.weighting,
        cadence=portfolio.cadence,
        cap=portfolio.cap,
        volatility_bars=portfolio.volatility_bars,
        delisting_return=portfolio.delisting_return,
        commission=fixed["costs.commission"],
        slippage=fixed["costs.slippage"],
        initial_capital=config.initial_capital,
        periods_per_year=periods_per_year,
        risk_free=config.risk_free,
        rank_ic=portfolio.rank_ic,
    )
    with keyed():
        settings.check()
    return settings


def refuse_for_panel(config: Config, strategy: Strategy) -> None:
    """Raise ValueError for a setting that a universe has not."""
    for section in ("risk", "size", "fill", "costs"):
        for key, value in _beyond_defaults(getattr(config, section)):
            if f"{section}.{key}" not in COSTS:
                raise ValueError(
                    f"{section}.{key}: strategy {strategy.name} trades a universe, which has no "
                    "stops, no position sizes and fills at the next open; "
                    f"got {value}, leave it out"
                )
    if config.metrics:
        raise ValueError("metrics: your own metrics are of one symbol; a universe has none")


def _beyond_defaults(section: Any) -> list[tuple[str, object]]:
    """Keys of a section of the config that are not at their defaults, and their values."""
    given = [(item.name, getattr(section, item.name), item.default) for item in fields(section)]
    return [(name, value) for name, value, default in given if value != default]


def fits_universe(cell: Any, dataset: Dataset) -> None:
    """Raise ValueError where a strategy of one symbol meets a universe, or the reverse."""
    strategy, ranks = cell.strategy, cell.strategy.of_panel
    if ranks and not dataset.members:
        raise ValueError(
            f"strategy {strategy.name}: ranks the symbols of a universe, got {dataset.symbol} "
            "alone; name one, data.universe=NAME"
        )
    if dataset.members and not ranks:
        raise ValueError(
            f"data.universe: strategy {strategy.name} trades one symbol; leave data.universe out "
            "to run it on each, or choose one that ranks, such as strategy=momentum_rank"
        )
