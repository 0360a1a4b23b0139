"""Backtest configurations of one pair strategy on the symbols of a universe."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from kernels.engine.evaluation import DAILY, SHARPE, Evaluation, Window
from kernels.engine.metrics import METRICS
from kernels.engine.position import N_TALLY, Log
from kernels.jit.array_types import Codes, Floats, Ints, read_only
from kernels.portfolio.accuracy import PANEL_METRICS
from kernels.portfolio.frame import Frame
from kernels.portfolio.pair_simulation import Legs, simulate_pair
from kernels.portfolio.panel import Panel
from kernels.portfolio.purse import FEES, N_EXTRA, TRADE
from kernels.portfolio.settings import PanelSettings
from kernels.portfolio.spread import spread
from kernels.registry import Strategy

N_METRICS = len(METRICS) + len(PANEL_METRICS)
COST, HELD = N_METRICS - 2, N_METRICS - 1
"""Places of the metrics cost and holdings."""
NEEDED = ("first", "second", "length")
"""Params that say which pair and how long a spread looks back."""
SPREADS = 64
"""Spreads that are kept at one time."""


@dataclass(frozen=True, eq=False)
class PairRun:
    """One pair on one window: equity (T,), trades of TRADE, shares (T, 2) and the two places."""

    equity: Floats
    trades: Log
    shares: Floats
    places: tuple[int, int]


def evaluate_pairs(
    panel: Panel,
    strategy: Strategy,
    params: Floats,
    settings: PanelSettings,
    windows: Ints,
    blocks: int,
) -> Evaluation:
    """Backtest n configurations on w windows; what came in is checked but for the pairs.

    Args:
        panel: of `prepare_panel`.
        strategy: with the contract `pair`.
        params: (n, p) in the order of `strategy.fields`.
        settings: with the side, the cap, costs and what a symbol that ends returns.
        windows: (w, 2) bars [start, stop).
        blocks: BLOCKS, or 0 for no block sums.

    Raises:
        ValueError: a place beyond the universe, or a symbol paired with itself.
    """
    check_pairs(panel, strategy, params)
    n, w = len(params), len(windows)
    out = Evaluation(
        np.full((n, w, N_METRICS), np.nan),
        np.empty((n, w, blocks), np.float32),
        np.empty((n, w, blocks), np.float32),
    )
    frame, costs = Frame.of(panel, settings, windows), settings.costs(n)
    order = np.lexsort([params[:, strategy.fields.index(name)] for name in NEEDED])
    market = _Market(panel, strategy)
    for c in order.tolist():
        for place, window in enumerate(windows):
            run, tally, extra, held = _run(market, params[c], settings, costs[c], window)
            metrics = out.metrics[c, place]
            sums = out.block_sum[c, place], out.block_sumsq[c, place]
            frame.write(run.equity, tally, place, metrics, *sums)
            length = window[1] - window[0]
            metrics[COST] = extra[FEES] * frame.rules.periods_per_year / length
            metrics[HELD] = held
    if panel.days is not None and not panel.intraday:
        out.metrics[..., DAILY] = out.metrics[..., SHARPE]
    return out


def trace_pair(
    panel: Panel, strategy: Strategy, params: Floats, settings: PanelSettings, window: Window
) -> PairRun:
    """One configuration on one window with its equity, shares and trades."""
    check_pairs(panel, strategy, params[None])
    span, costs = np.array(window, np.int64), settings.costs(1)[0]
    market = _Market(panel, strategy)
    _, tally, _, _ = _run(market, params, settings, costs, span)
    room = np.zeros(int(tally[0]), TRADE)
    run, _, _, _ = _run(market, params, settings, costs, span, room)
    run.trades["symbol"] = np.array(run.places)[run.trades["symbol"]]
    return run


def check_pairs(panel: Panel, strategy: Strategy, params: Floats) -> None:
    """Raise ValueError at the first configuration whose symbols are no pair of the universe."""
    for name in NEEDED:
        if name not in strategy.fields:
            raise ValueError(f"strategy {strategy.name}: Params needs a field {name}")
    n = len(panel.symbols)
    first, second = (params[:, strategy.fields.index(name)] for name in NEEDED[:2])
    for name, places in (("first", first), ("second", second)):
        if (places >= n).any():
            raise ValueError(
                f"params.{name}: place {places.max():.0f} of a universe of {n} symbols; the last "
                f"is {n - 1}"
            )
    if (first == second).any():
        place = int(first[first == second][0])
        raise ValueError(
            f"params.second: pairs {panel.symbols[place]} with itself; give two places, or "
            "strategy.constraint='first < second' in a sweep"
        )


class _Market:
    """Spreads and legs of a universe, the latest kept."""

    def __init__(self, panel: Panel, strategy: Strategy) -> None:
        self.panel, self.strategy = panel, strategy
        self.spread = lru_cache(SPREADS)(self._spread)
        self.legs = lru_cache(SPREADS)(self._legs)

    def _spread(self, first: int, second: int, length: int) -> tuple[Floats, Floats]:
        close = self.panel.values("close")
        return spread(read_only(close[first]), read_only(close[second]), length)

    def _legs(self, first: int, second: int) -> Legs:
        places = [first, second]
        return Legs(
            read_only(self.panel.values("open")[places]),
            read_only(self.panel.marks[places]),
            np.ascontiguousarray(self.panel.last[places]),
        )

    def sides(self, zscores: Floats, params: Floats) -> Codes:
        """Sides wanted after each close of a window, by the strategy."""
        out = np.zeros(zscores.size, np.int8)
        self.strategy.signal(zscores, params, out)
        return out


SIDE = {"long": 1, "short": -1, "both": 0}


def _run(
    market: _Market,
    params: Floats,
    settings: PanelSettings,
    costs: Floats,
    window: Ints,
    log: Log | None = None,
) -> tuple[PairRun, Floats, Floats, float]:
    """One run, its tally, its further tally, and the mean number of symbols held."""
    start, stop = int(window[0]), int(window[1])
    own = dict(zip(market.strategy.fields, params.tolist(), strict=True))
    first, second, length = (int(own[name]) for name in NEEDED)
    ratios, zscores = market.spread(first, second, length)
    sides = market.sides(zscores[start:stop], np.ascontiguousarray(params))
    equity, tally, extra = np.empty(stop - start), np.zeros(N_TALLY), np.zeros(N_EXTRA)
    shares = np.zeros((0 if log is None else stop - start, 2))
    log = np.zeros(0, TRADE) if log is None else log
    held = simulate_pair(
        sides,
        ratios,
        market.legs(first, second),
        start,
        stop,
        SIDE[settings.side],
        np.nan if settings.cap is None else float(settings.cap),
        (float(costs[0]), float(costs[1])),
        float(settings.delisting_return),
        float(settings.initial_capital),
        equity,
        tally,
        extra,
        shares,
        log,
    )
    return PairRun(equity, log, shares, (first, second)), tally, extra, float(held)
