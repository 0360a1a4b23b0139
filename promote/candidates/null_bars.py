"""Bars without skill, or with a planted edge, for the gate: see `store.resampling.null_bars`."""

from store.resampling.null_bars import (
    Edge,
    null_bars,
    null_bars_together,
    planted_steps,
    spliced,
)

__all__ = ["Edge", "null_bars", "null_bars_together", "planted_steps", "spliced"]
