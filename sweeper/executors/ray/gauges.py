"""Gauges of a whole sweep, on the metrics port of the driver's node, next to those of workers."""

from ray.util.metrics import Gauge

TAG = "sweep"
"""Names the sweep: what its workers are named after."""


class SweepGauges:
    """Gauges of the driver: blocks that wait, failed runs, the luck line."""

    def __init__(self, label: str) -> None:
        """Needs a connection to Ray."""
        self._tags = {TAG: label}
        self._waiting = Gauge(
            "sweeper_blocks_waiting", "blocks of the round that are not done", (TAG,)
        )
        self._failed = Gauge("sweeper_runs_failed", "runs that became error rows", (TAG,))
        self._luck = Gauge("sweeper_luck_line", "best Sharpe ratio on bars without skill", (TAG,))

    def show_luck(self, sharpe: float | None) -> None:
        """Export the luck line; None where it was not measured."""
        if sharpe is not None:
            self._luck.set(sharpe, self._tags)

    def show(self, waiting: int, failed: int) -> None:
        """Export blocks that are not done, and runs that failed so far."""
        self._waiting.set(waiting, self._tags)
        self._failed.set(failed, self._tags)
