"""One window, `dev`: every bar before the holdout."""

from collections.abc import Mapping

from sweeper.config.durations import Times
from sweeper.config.window import Window

DEFAULTS: dict[str, object] = {}


def windows(config: Mapping[str, object], times: Times) -> tuple[Window, ...]:
    """The one window."""
    return (Window("dev", 0, len(times)),)
