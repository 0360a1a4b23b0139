"""Settings that are words, out of the sections of a config."""

from typing import Any

from sweeper.config.schema import Config


def words(config: Config) -> dict[str, Any]:
    """Settings that are words, by field of `Settings`."""
    return {
        "fill": config.fill.when,
        "entry": config.fill.entry,
        "limit_fill": config.fill.limit_fill,
        "risk_unit": config.risk.unit,
        "session_flat": config.risk.session_flat,
        "size": config.size.kind,
        "funding": config.costs.funding,
    }
