"""One window, `dev`: every bar before the holdout."""

from collections.abc import Mapping
from typing import Any

from sweeper.config.durations import Times
from sweeper.config.window import Window

DEFAULTS: dict[str, Any] = {}


def windows(config: Mapping[str, Any], times: Times) -> tuple[Window, ...]:
    """The one window."""
    return (Window("dev", 0, len(times)),)
