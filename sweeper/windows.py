"""Which bars are backtested: half-open ranges with a role; the holdout is in none of them."""

from dataclasses import dataclass

from sweeper.config import SplitConfig


@dataclass(frozen=True, slots=True)
class Window:
    """Bars start..stop-1 of a series, simulated alone."""

    role: str
    start: int
    stop: int


def development_bars(n_bars: int, holdout: float) -> int:
    """How many of the oldest bars a sweep may read; the newest `holdout` fraction it may not."""
    return n_bars - round(n_bars * holdout)


def windows(split: SplitConfig, n_bars: int) -> tuple[Window, ...]:
    """The windows of a split over the `n_bars` bars before the holdout.

    Raises:
        ValueError: an unknown kind of split, or fewer than two bars in a window.
    """
    if split.kind != "full":
        raise ValueError(f"split.kind: must be full, got {split.kind!r}")
    if n_bars < 2:
        raise ValueError(
            f"split: window dev needs at least 2 bars, got {n_bars}; lower holdout or "
            "load more bars"
        )
    return (Window("dev", 0, n_bars),)
