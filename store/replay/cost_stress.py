"""Settings at a multiple of their costs: what is left of a result when trading is dearer."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kernels import Settings
from kernels.portfolio.settings import PanelSettings

COSTS = (
    "commission",
    "slippage",
    "commission_minimum",
    "commission_per_share",
    "commission_fixed",
    "maker_commission",
    "borrow_rate",
    "cash_rate",
)
"""Fields of settings that are costs."""


def at_costs(settings: Settings | PanelSettings, factor: float) -> Settings | PanelSettings:
    """The same settings at `factor` times their costs.

    A maker's rebate is no cost: above 1 it stays as it is. Funding is a column of the data, which
    is taken out at 0 only.

    Args:
        settings: with numbers only.
        factor: 0 or above; 1 changes nothing.
    """
    own: Mapping[str, object] = {name: getattr(settings, name, None) for name in COSTS}
    changed: dict[str, Any] = {
        name: _scaled(float(np.asarray(value)), factor)
        for name, value in own.items()
        if value is not None
    }
    if factor == 0 and getattr(settings, "funding", None) is not None:
        changed["funding"] = None
    return replace(settings, **changed)


def _scaled(cost: float, factor: float) -> float:
    return cost if cost < 0 and factor > 0 else cost * factor + 0.0
