"""Times without a zone that are an exchange's own: found out by its hours."""

import numpy as np
import pandas as pd

from store.data.calendars.calendar import (
    ALWAYS_OPEN,
    CURRENCIES,
    DAY,
    NEW_YORK,
    exchange_zone,
    seconds,
)
from store.data.calendars.coverage import Coverage, coverage
from store.errors import BadBars

MISFIT = 0.05
"""Share of bars missing or outside from which another zone is looked at."""
BETTER = 0.25
"""Share of that misfit which the exchange's own zone may leave."""


def check_zone(times: pd.DatetimeIndex, what: str, calendar: str, timeframe: str) -> None:
    """Refuse naive times that fit the calendar's hours only as times of the exchange.

    Args:
        times: (n,) read as UTC although they state no zone.
        what: names the bars.
        calendar: of the bars.
        timeframe: of the bars; those of a day or longer carry a date and no hour.

    Raises:
        BadBars: naming the option and the zone that make them fit.
    """
    if calendar == ALWAYS_OPEN or not 0 < seconds(timeframe) < DAY:
        return
    read = _misfit(coverage(times.asi8, calendar, timeframe))
    if read <= MISFIT:
        return
    zone = NEW_YORK if calendar == CURRENCIES else exchange_zone(calendar)
    local = times.tz_localize(None).tz_localize(zone, ambiguous="NaT", nonexistent="NaT").dropna()
    local = local.tz_convert("UTC")
    if local.size < 2 or not bool((np.diff(local.asi8) > 0).all()):
        return
    if _misfit(coverage(local.asi8, calendar, timeframe)) <= min(BETTER * read, MISFIT):
        raise BadBars(
            f"{what}: its times have no zone and fit the hours of {calendar} as {zone}, not as "
            f"UTC; set data.csv.timezone={zone} (of a DataFrame: bars.tz_localize('{zone}')), or "
            "write the times in UTC"
        )


def _misfit(coverage: Coverage) -> float:
    return (coverage.missing + coverage.outside) / max(coverage.expected, 1)
