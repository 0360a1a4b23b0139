"""Shortfall, loss budget and decay: live returns against promise and limits of the profile."""

import math

import numpy as np

from kernels.jit.array_types import Floats
from operate.monitors.account import Account
from operate.monitors.promise import LINE_ERROR, LOSS_ERROR, RUN_LENGTH, Promise
from operate.monitors.verdict import FAIL, INCONCLUSIVE, PASS, Verdict
from operate.records.rollout_state import RolloutState
from operate.statistics.detector import detector
from operate.statistics.horizon import deepest
from operate.statistics.shortfall import crosses, power, shortfall
from store.resampling.futures import futures

DRAWS = 2_000


def shortfall_verdict(account: Account, promise: Promise, returns: Floats) -> Verdict:
    """Fails when live returns fall short of the promise by more than the line; never passes.

    Args:
        account: live.
        promise: of the profile.
        returns: (n,) of the profile's window, from which the power is drawn.
    """
    live = account.returns
    unknown = _unusable(live)
    facts = {
        "promise": promise.mean, "source": promise.source, "limit": promise.limit,
        "constant": promise.constant, "horizon_bars": promise.horizon,
    }  # fmt: skip
    if promise.mean <= 0:
        report = (
            f"the promise is {promise.mean:.2g} a bar ({promise.source}): nothing can be refuted; "
            "only loss budget, costs and fidelity protect you"
        )
        return Verdict(INCONCLUSIVE, report, int(live.size), LINE_ERROR, 0.0, facts)
    if unknown:
        return Verdict(INCONCLUSIVE, unknown, 0, LINE_ERROR, 0.0, facts)
    bars = min(live.size, promise.horizon)
    strength = power(returns, promise.mean, promise.limit, bars, promise.block)
    at = crosses(promise.mean, live, promise.limit, promise.horizon)
    behind = float(shortfall(promise.mean, live[-(live.size % promise.horizon or bars) :])[-1])
    facts |= {"shortfall": behind, "mean": float(live.mean())}
    report = (
        f"{behind:+.1%} behind the promise, the line is at {promise.limit:.1%}; within these "
        f"{live.size:,} bars it would stop {strength:.0%} of profiles without an edge"
    )
    if at is not None:
        return Verdict(FAIL, f"crossed after {at + 1:,} bars; {report}", live.size, LINE_ERROR,
                       strength, facts)  # fmt: skip
    return Verdict(INCONCLUSIVE, report, int(live.size), LINE_ERROR, strength, facts)


def loss_budget(
    account: Account, promise: Promise, returns: Floats, money_limit: float | None
) -> Verdict:
    """Fails when the drawdown is deeper than 2.5 % of years have, or than the user's own limit.

    Args:
        account: live.
        promise: of the profile, with the limit.
        returns: (n,) of the profile's window.
        money_limit: loss from the beginning that the user allows, quote currency; None: none.
    """
    live = account.returns
    facts = {"limit": promise.drawdown, "money_limit": money_limit}
    if unknown := _unusable(live):
        return Verdict(INCONCLUSIVE, unknown, 0, LOSS_ERROR, 0.0, facts)
    fall = deepest(live)
    lost = -float(np.cumsum(account.profit).min(initial=0.0))
    bars = min(live.size, promise.horizon)
    centred = returns - returns.mean()
    drawn = futures(centred, bars, DRAWS, promise.block, 3).drawdown
    strength = float((drawn > promise.drawdown).mean())
    facts |= {"drawdown": fall, "lost": lost}
    report = f"drawdown {fall:.1%}, the limit of a year is {promise.drawdown:.1%}"
    if money_limit is not None:
        report += f"; {lost:,.2f} lost at most, your limit is {money_limit:,.2f}"
    beyond = not fall <= promise.drawdown or (money_limit is not None and not lost <= money_limit)
    return Verdict(FAIL if beyond else PASS, report, int(live.size), LOSS_ERROR, strength, facts)


def decay(account: Account, promise: Promise, rollout: RolloutState | None, begun: int) -> Verdict:
    """Alarms, after full capital, when the mean has fallen below the promise since some bar.

    Args:
        account: live.
        promise: of the profile, with the threshold.
        rollout: its state.
        begun: number of the bar at which full capital began.
    """
    a_year = 1 / RUN_LENGTH
    if rollout is None or rollout.stage != len(rollout.stages) - 1:
        report = "judged after full capital only"
        return Verdict(INCONCLUSIVE, report, 0, a_year, 0.0, {"threshold": promise.alarm})
    live = account.returns[max(0, begun - account.first) :]
    if unknown := _unusable(live):
        return Verdict(INCONCLUSIVE, unknown, 0, a_year, 0.0, {"threshold": promise.alarm})
    evidence = detector(live / promise.sigma, promise.standardised)
    facts = {"threshold": promise.alarm, "evidence": float(evidence[-1])}
    report = (
        f"evidence {evidence.max():,.0f} of {promise.alarm:,.0f}; one false alarm in "
        f"{RUN_LENGTH} years"
    )
    verdict = FAIL if evidence.max() >= promise.alarm else INCONCLUSIVE
    return Verdict(verdict, report, int(live.size), a_year, None, facts)


def _unusable(live: Floats) -> str:
    """Why live returns cannot be judged; empty when they can."""
    if not live.size:
        return "no live equity and no live fills: nothing is known of the account"
    if not np.isfinite(live).all():
        bad = int((~np.isfinite(live)).sum())
        return f"{bad} of {live.size:,} returns are not finite: the account is not known"
    return "" if math.isfinite(float(live.sum())) else "returns are not finite"
