"""Sweeps that the benchmark of the gate repeats: families of strategies, their bars and edges."""

from typing import NamedTuple


class Part(NamedTuple):
    """One sweep that is repeated.

    Attributes:
        mark: of its tables in docs/gate.md.
        start: of its bars: 2,520, 757 or 252 are judged, and a quarter as many are the holdout.
        sharpes: true annual Sharpe ratios of the best configuration, of the edges.
        sweep: what is swept.
        half_life: bars, of the part of the price that reverts; None: a trend is planted.
        data: its bars, and what each configuration trades.
    """

    mark: str
    start: str
    sharpes: tuple[float, ...]
    sweep: tuple[str, ...]
    half_life: float | None = None
    data: tuple[str, ...] = ("strategy.direction=long,both", "data=nasdaq")


AVERAGES = ("strategy=sma", "params.fast=range(2,62,3)", "params.slow=range(10,260,12)")
BREAKOUTS = ("strategy=donchian", "params.entry=range(6,126,6)", "params.exit=range(5,65,5)")
BANDS = (
    "strategy=bollinger",
    "params.period=range(5,105,5)",
    "params.width=1.0,1.25,1.5,1.75,2.0,2.25,2.5,2.75,3.0",
)
RANKING = (
    "strategy=momentum_rank",
    "params.lookback=range(10,210,10)",
    "params.k=2,3,5",
    "portfolio.cadence=10",
)
UNIVERSE = (
    "strategy.direction=both",
    "data=synthetic_universe",
    "data.size=20",
    "data.bars=3150",
    "data.strength=0",
    "data.periods_per_year=252",
)
TEN_YEARS = "2006-06-27"
ANY_START = "null"
PARTS = {
    "ten": Part("gate", TEN_YEARS, (0.91, 1.43), AVERAGES),
    "one": Part("gate-one-year", "2017-09-29", (), AVERAGES),
    "three": Part("gate-three-years", "2015-03-31", (1.32,), AVERAGES),
    "donchian": Part("gate-donchian", TEN_YEARS, (0.91, 1.43), BREAKOUTS),
    "bollinger": Part("gate-bollinger", TEN_YEARS, (0.91, 1.43), BANDS, half_life=8.0),
    "panels": Part("gate-panels", ANY_START, (0.91, 1.43), RANKING, data=UNIVERSE),
}
MARKS = {name: part.mark for name, part in PARTS.items()}
"""Markers of the tables in docs/gate.md."""
