"""Made-up bars with a known character: seeded, of any timeframe, and labelled as made up.

- `trend`: the drift wanders slowly about zero, so moves tend to go on.
- `mean_reversion`: the log price is pulled back to a fixed level.
- `regime`: calm rising markets and nervous falling ones take turns (a two-state Markov chain).
- `garch`: no drift at all, and volatility that clusters: GARCH(1, 1), Bollerslev (1986).

The same spec gives the same bars on every machine: prices are rounded to 0.0001, which swallows the
last bits in which exp() differs between processors.
"""

import math
from collections.abc import Callable
from itertools import accumulate
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from store.data.calendars.calendar import (
    ALWAYS_OPEN,
    DAY,
    NS,
    Sessions,
    Times,
    bars_between,
    seconds,
    sessions,
)
from store.data.normalise import shape
from store.data.source_table import Table
from store.data.spec import DataSpec, choose, suggest

OPTIONS = ("kind", "bars", "seed")
FIRST = "2000-01-03"
LEVEL = 100.0
YEARLY_VOLATILITY = 0.2
MAX_BARS = 10_000_000
LAST_YEAR = 2150

Floats = NDArray[np.float64]


def load(spec: DataSpec) -> dict[str, Table]:
    """Make the bars of each kind: `data.kind=trend` is the symbol SYN-TREND.

    `kind` is a name or a list of them, `bars` how many, from `start` on; `end` cuts. `calendar` is
    24/7 unless stated.
    """
    kinds = {_symbol(kind): kind for kind in _kinds(spec.options.get("kind"))}
    bars = whole_number("bars", spec.options.get("bars", 5_000), 2, MAX_BARS)
    seed = whole_number("seed", spec.options.get("seed", 0), 0, 2**63 - 1)
    times = bar_times(spec, bars)
    return {
        symbol: Table(
            symbol, _bars(kinds[symbol], times, seed, seconds(spec.timeframe)), ALWAYS_OPEN
        )
        for symbol in choose(spec.symbols, kinds, "data.kind")
    }


def _bars(kind: str, times: pd.DatetimeIndex, seed: int, length: int) -> pd.DataFrame:
    """Open, high, low, close, volume round the log returns of a kind."""
    random = np.random.default_rng([seed, *kind.encode()])
    count = times.size
    deviation = YEARLY_VOLATILITY * math.sqrt(length / (365 * DAY))  # of one bar's log return
    close = np.log(LEVEL) + np.cumsum(deviation * KINDS[kind](random, count))
    gap = 0.2 * deviation * random.standard_normal(count)
    opening = np.concatenate([[np.log(LEVEL)], close[:-1]]) + gap
    above, below = np.abs(0.6 * deviation * random.standard_normal((2, count)))
    prices = {
        "open": opening,
        "high": np.maximum(opening, close) + above,
        "low": np.minimum(opening, close) - below,
        "close": close,
    }
    columns = {name: np.exp(logs).round(4) for name, logs in prices.items()}
    columns["volume"] = np.exp(13 + 0.4 * random.standard_normal(count)).round()
    return shape(pd.DataFrame(columns, index=times), kind)


# Each kind: (n,) log returns in units of one bar's deviation.


def _trend(random: np.random.Generator, count: int) -> Floats:
    """White noise plus a drift of a tenth of its size with a half-life of 60 bars."""
    keep = 0.5 ** (1 / 60)
    drift = _autoregression(random.standard_normal(count), keep) * math.sqrt(1 - keep**2)
    return 0.1 * drift + random.standard_normal(count)


def _mean_reversion(random: np.random.Generator, count: int) -> Floats:
    """Changes of a level that closes half its distance to zero in 20 bars."""
    level = _autoregression(random.standard_normal(count), 0.5 ** (1 / 20))
    return np.diff(level, prepend=0.0)


def _regime(random: np.random.Generator, count: int) -> Floats:
    """Calm and rising for 250 bars on average, then nervous and falling for 80."""
    spells = 4 + count // 165  # twice as many as are needed, as a rule
    lengths = random.geometric(np.tile([1 / 250, 1 / 80], spells))
    lengths[-1] += count
    nervous = np.repeat(np.tile([False, True], spells), lengths)[:count]
    drift, deviation = np.where(nervous, -0.12, 0.06), np.where(nervous, 1.6, 0.7)
    return drift + deviation * random.standard_normal(count)


def _garch(random: np.random.Generator, count: int) -> Floats:
    """GARCH(1, 1) with unit variance: v' = 0.02 + 0.08 r^2 + 0.90 v."""
    variance, returns = 1.0, np.empty(count)
    for i, shock in enumerate(random.standard_normal(count).tolist()):
        moved = math.sqrt(variance) * shock
        returns[i] = moved
        variance = 0.02 + 0.08 * moved * moved + 0.90 * variance
    return returns


KINDS: dict[str, Callable[[np.random.Generator, int], Floats]] = {
    "trend": _trend,
    "mean_reversion": _mean_reversion,
    "regime": _regime,
    "garch": _garch,
}


def _autoregression(shocks: Floats, keep: float) -> Floats:
    """x[i] = keep * x[i-1] + shocks[i], from zero."""
    return np.fromiter(accumulate(shocks.tolist(), lambda x, shock: keep * x + shock), np.float64)


def bar_times(spec: DataSpec, count: int) -> pd.DatetimeIndex:
    """When `count` bars of the spec begin, from its start on, cut at its end."""
    """The first `count` bars from the spec's start on."""
    length, first = seconds(spec.timeframe), spec.bounds()[0] or pd.Timestamp(FIRST, tz="UTC")
    years = math.ceil(count * length / (365 * DAY))
    if spec.calendar not in (None, ALWAYS_OPEN) and length <= DAY:
        for last_year in range(first.year + years, LAST_YEAR + 1, years):
            times = _session_times(sessions(str(spec.calendar), first.year, last_year), length)
            times = times[times >= first.value][:count]
            if times.size == count:
                return pd.DatetimeIndex(times, tz="UTC", name="time")
    elif first.year + years <= LAST_YEAR:
        return pd.date_range(first, periods=count, freq=pd.Timedelta(length, "s"), name="time")
    raise ValueError(
        f"data.bars: {count} bars of {spec.timeframe} from {first.year} on end after {LAST_YEAR}; "
        "make fewer"
    )


def _session_times(hours: Sessions, length: int) -> Times:
    """Start of every bar of the sessions, in nanoseconds UTC; midnight for a daily bar."""
    if length == DAY:
        return np.unique(hours.days).astype(np.int64)
    counts = bars_between(hours.opens, hours.closes, length * NS)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    starts: Times = np.repeat(hours.opens, counts) + (np.arange(before.size) - before) * length * NS
    return starts


def _symbol(kind: str) -> str:
    return f"SYN-{kind.upper().replace('_', '-')}"


def _kinds(given: Any) -> list[str]:
    names = [given] if isinstance(given, str) else list(given or KINDS)
    for name in names:
        if name not in KINDS:
            raise ValueError(f"data.kind: no kind {name!r}; {suggest(str(name), KINDS)}")
    return names


def whole_number(name: str, value: object, low: int, high: int) -> int:
    """The value of a key of `data`, or ValueError unless it is a whole number from low to high."""
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise ValueError(f"data.{name}: need a whole number from {low} to {high}, got {value!r}")
    return value
