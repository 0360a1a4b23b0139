"""View model of a ranking, as plain data that `figures.ranking` draws."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Ranking:
    """One run of a universe, rebalance by rebalance.

    Attributes:
        title: run, strategy, universe and window.
        times: (R,) of the rebalance bars, ISO.
        ics: (R,) information coefficient of each period, None where there is none.
        quantiles: (Q,) mean return of a period by quantile of the score, the lowest first.
        symbols: (S,) held most often, the most frequent last.
        weights: (S, R) of these after each fill, fractions of the equity.
        turnover: (R,) traded at each fill, a fraction of the equity at the close before.
        note: how many of the symbols are shown.
    """

    title: str
    times: tuple[str, ...]
    ics: tuple[float | None, ...]
    quantiles: tuple[float, ...]
    symbols: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]
    turnover: tuple[float, ...]
    note: str
