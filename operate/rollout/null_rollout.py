"""Null rollout: the same plan on bars redrawn with the promised edge, and without any.

The edge is a drift that wanders about 0 (`null_bars.Edge`) as strong as gives the profile's own
rule the promised Sharpe ratio. With it every stop is a false alarm; without it, the power. What is
measured is line and loss budget: a redrawn live account follows its shadow, so fidelity and costs
never stop it.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from kernels.jit.array_types import Floats
from kernels.series.bars import prepare
from operate.monitors.promise import Promise, make_promise
from operate.rollout.plan import Plan
from operate.shadow.live_bars import LiveBars
from promote.profiles.profile import Profile
from promote.profiles.replay import replay
from store.resampling.null_bars import Edge, null_bars

YEARS = 3
WARM_UP = 300
PERSISTENCE = 60.0
"""Bars within which the planted drift is forgotten."""
BLOCK = 20.0
TRIES, CLOSE = 12, 0.05
CALIBRATING = 60


@dataclass(frozen=True, eq=False)
class NullRollout:
    """Both errors of a plan on one profile.

    Attributes:
        paths: of each kind.
        sharpe: annual Sharpe ratio of the paths with the promised edge.
        holds: share rolled back while the promise holds, by time.
        no_edge: share rolled back without any edge, by time.
        before_full: the two shares before full capital.
    """

    paths: int
    sharpe: float
    holds: dict[str, float]
    no_edge: dict[str, float]
    before_full: tuple[float, float]

    def row(self) -> dict[str, Any]:
        """As JSON types."""
        return {
            "paths": self.paths,
            "sharpe": self.sharpe,
            "false_rollback": self.holds,
            "power": self.no_edge,
            "before_full_capital": {"holds": self.before_full[0], "no_edge": self.before_full[1]},
        }


def null_rollout(
    profile: Profile, bars: LiveBars, promise: Promise, plan: Plan, paths: int, seed: int = 0
) -> NullRollout:
    """Measure a plan on a profile.

    Args:
        profile: whose rule runs on the redrawn bars.
        bars: from which they are drawn.
        promise: of the profile; its Sharpe ratio is planted.
        plan: the rollout.
        paths: redrawn histories of each kind.
        seed: of the draws.

    Raises:
        ValueError: the promise is 0 or less, the history is too short, or it is of a universe.
    """
    if bars.universe is not None:
        raise ValueError(f"{profile.ref}: trades a universe; a null rollout redraws one symbol")
    if promise.mean <= 0:
        raise ValueError(
            f"{profile.ref}: its promise is {promise.mean:.2g} a bar: there is no edge to plant"
        )
    horizon = promise.horizon
    wanted = promise.mean / promise.sigma * np.sqrt(horizon)
    run = _runner(profile, bars, horizon)
    edge = _calibrated(run, float(wanted), horizon, seed)
    held = run(edge, paths, seed + 1)
    none = run(None, paths, seed + 2)
    own = make_promise(held[0], np.zeros(0), 1, horizon) if paths == 1 else _pooled(held, horizon)
    stops = [stopped_at(each, own.mean, own.limit, own.drawdown, horizon) for each in (held, none)]
    full = round(sum(stage.days for stage in plan.stages[:-1]))
    ratio = float(held.mean() / held.std() * np.sqrt(horizon))
    shares = [_shares(each, horizon) for each in stops]
    early = [float((each <= full).mean()) for each in stops]
    return NullRollout(paths, ratio, shares[0], shares[1], (early[0], early[1]))


def stopped_at(returns: Floats, mean: float, limit: float, drawdown: float, horizon: int) -> Floats:
    """(n,) bars after which each path is stopped by line or loss budget; infinite: never.

    Args:
        returns: (n, bars) per bar.
        mean: the promise.
        limit: of the shortfall, which is renewed every `horizon` bars.
        drawdown: of the loss budget, from the highest point so far.
        horizon: bars of a year.
    """
    wealth = np.cumprod(1 + returns, axis=1)
    peak = np.maximum(np.maximum.accumulate(wealth, axis=1), 1.0)
    hit = 1 - wealth / peak > drawdown
    for first in range(0, returns.shape[1], horizon):
        part = slice(first, first + horizon)
        hit[:, part] |= np.cumsum(mean - returns[:, part], axis=1) > limit
    return np.where(hit.any(axis=1), hit.argmax(axis=1) + 1.0, np.inf)


def _shares(stops: Floats, horizon: int) -> dict[str, float]:
    times = {"3 months": horizon / 4, "1 year": horizon, "3 years": 3 * horizon}
    return {name: float((stops <= bars).mean()) for name, bars in times.items()}


Runner = Callable[[Edge | None, int, int], Floats]


def _runner(profile: Profile, bars: LiveBars, horizon: int) -> Runner:
    """Gives (n, bars) returns of the profile's rule on n redrawn histories of three years."""
    length = WARM_UP + YEARS * horizon
    frame = bars.frame
    if len(frame) < length:  # as many bars as are needed, drawn from those there are
        repeats = -(-length // len(frame))
        frame = _repeated(frame, repeats)
    base = frame.iloc[-length:]
    again = replay(profile, bars.series())

    def run(edge: Edge | None, n: int, seed: int) -> Floats:
        result = np.empty((n, YEARS * horizon))
        for number in range(n):
            drawn = null_bars(base, (seed, number), edge=edge, block=BLOCK, mirrored=True)
            result[number] = replace(again, series=prepare(drawn)).returns((WARM_UP, length))
        return result

    return run


def _repeated(frame: Any, repeats: int) -> Any:
    """The bars several times over, at times that go on; only their shapes are drawn from."""
    import pandas as pd

    step = frame.index[-1] - frame.index[-2]
    index = pd.date_range(frame.index[0], periods=len(frame) * repeats, freq=step)
    return pd.concat([frame] * repeats).set_axis(index)


def _calibrated(run: Runner, wanted: float, horizon: int, seed: int) -> Edge:
    """The edge under which the rule has the promised Sharpe ratio, costs included."""
    low, high, size = 0.0, np.inf, max(wanted, 0.5)
    for _ in range(TRIES):
        drawn = run(Edge(size, float(horizon), PERSISTENCE), CALIBRATING, seed + 7)
        ratio = float(drawn.mean() / drawn.std() * np.sqrt(horizon))
        if abs(ratio - wanted) <= CLOSE * max(1.0, wanted):
            break
        low, high = (size, high) if ratio < wanted else (low, size)
        size = size * 1.6 if np.isinf(high) else (low + high) / 2
    return Edge(size, float(horizon), PERSISTENCE)


def _pooled(returns: Floats, horizon: int) -> Promise:
    """The promise of an endless backtest: mean and limits over the year-long parts of all paths."""
    mean, sigma = float(returns.mean()), float(returns.std())
    years = returns[:, : returns.shape[1] // horizon * horizon].reshape(-1, horizon)
    line = np.quantile(np.cumsum(mean - years, axis=1).max(axis=1), 0.975)
    wealth = np.cumprod(1 + years, axis=1)
    falls = (1 - wealth / np.maximum(np.maximum.accumulate(wealth, axis=1), 1.0)).max(axis=1)
    return Promise(
        mean=mean, source="redrawn", backtest=mean, deflated=mean, holdout=None, sigma=sigma,
        independent=1.0, block=BLOCK, horizon=horizon,
        constant=float(line / (sigma * np.sqrt(horizon))),
        drawdown=float(np.quantile(falls, 0.975)), alarm=np.inf, standardised=mean / sigma,
    )  # fmt: skip
