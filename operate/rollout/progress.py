"""Progress of a rollout: days and trades of the stage, what is missing to advance, and how long."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from operate.monitors.live import Live
from operate.monitors.verdict import FAIL, PASS
from operate.monitors.watch import Watch
from operate.records.clock import utc
from operate.records.rollout_state import HELD, ROLLED_BACK, RolloutState
from operate.rollout.decision import decide
from operate.rollout.plan import Plan, of_mapping


@dataclass(frozen=True)
class Progress:
    """A stage so far.

    Attributes:
        days: trading or calendar days since the stage began, as the plan counts.
        trades: closed trades of the shadow in it; with capital, those that live closed as well.
        decision: advance, hold, rollback or shadow.
        missing: what an advance still needs, a line each.
    """

    days: float
    trades: int
    decision: str
    missing: list[str]


def plan_of(rollout: RolloutState) -> Plan:
    """The plan as it was when the rollout began."""
    rules = {k: v for k, v in rollout.rules.items() if k != "explained_until"}
    return of_mapping({**rules, "stages": rollout.stages}, rollout.plan, f"plan {rollout.plan}")


def progress_of(watch: Watch, rollout: RolloutState) -> Progress:
    """Progress of the present stage."""
    plan, live = plan_of(rollout), watch.live
    days, trades = days_of(live, rollout, plan), trades_of(live, rollout)
    words = {name: verdict.verdict for name, verdict in watch.verdicts.items()}
    decision = decide(plan, rollout.stage, days, trades, words, live.age)
    missing = _missing(watch, rollout, plan, days, trades)
    return Progress(days, trades, decision, missing)


def days_of(live: Live, rollout: RolloutState, plan: Plan) -> float:
    """Days since the stage began: trading days that closed, or days of the calendar."""
    times = pd.DatetimeIndex(live.table.index)
    later = times[times > utc(rollout.since)]
    if plan.days == "trading":
        return float(len(later.normalize().unique()))
    return float((times[-1] - utc(rollout.since)).days) if len(later) else 0.0


def trades_of(live: Live, rollout: RolloutState) -> int:
    """Trades that the shadow closed in the stage and, with capital at work, live as well."""
    times = pd.DatetimeIndex(live.table.index)
    exits = times.get_indexer(pd.DatetimeIndex(live.trades["exit_time"]))
    sides = -live.trades["side"].to_numpy(np.int64)
    began = int((times <= utc(rollout.since)).sum())
    recorded = {(pair.bar, pair.side) for pair in live.matched.pairs}
    funded = rollout.capital > 0
    return sum(
        1
        for bar, side in zip(exits.tolist(), sides.tolist(), strict=True)
        if bar >= began and (not funded or (bar, side) in recorded)
    )


def _missing(
    watch: Watch, rollout: RolloutState, plan: Plan, days: float, trades: int
) -> list[str]:
    if rollout.stage == len(plan.stages) - 1:
        return []
    needs, live = plan.stages[rollout.stage], watch.live
    lines = []
    if days < needs.days:
        more_days = needs.days - days
        lines.append(f"{more_days:g} more {plan.days} day{'' if more_days == 1 else 's'}")
    if trades < needs.trades:
        rate = len(live.trades) / max(1, len(live.table))
        more = needs.trades - trades
        wait = f"about {more / rate:.0f} bars" if rate > 0 else "it makes none"
        lines.append(
            f"{more} more closed trade{'' if more == 1 else 's'} ({wait} at the backtest's rate)"
        )
    for name in ("fidelity", "costs", "loss_budget"):
        verdict = watch.verdicts[name]
        if verdict.verdict != PASS:
            lines.append(f"{name} is {verdict.verdict}: {verdict.reason}")
    if watch.verdicts["shortfall"].verdict == FAIL:
        lines.append(f"shortfall has failed: {watch.verdicts['shortfall'].reason}")
    if not live.age <= plan.records_age_bars:
        age = f"{live.age:g} bars old" if np.isfinite(live.age) else "not there"
        lines.append(f"live records are {age}; they may be {plan.records_age_bars:g} bars old")
    if rollout.state == HELD:
        lines.append("it is held: resume it first")
    if rollout.state == ROLLED_BACK:
        lines.append("it was rolled back: start it again")
    return lines


def stopped_without_edge(watch: Watch) -> str:
    """The share of profiles without an edge that the rollout would have stopped so far."""
    power = watch.verdicts["shortfall"].power or 0.0
    loss = watch.verdicts["loss_budget"].power or 0.0
    share = 1 - (1 - power) * (1 - loss)
    return f"so far this rollout would have stopped {share:.0%} of profiles without an edge"


def row_of(watch: Watch, rollout: RolloutState, valid_until: str | None) -> dict[str, object]:
    """The status of a rollout as JSON types."""
    result = progress_of(watch, rollout)
    return {
        "profile": rollout.profile,
        "version": rollout.version,
        "plan": rollout.plan,
        "stage": rollout.stage_name,
        "capital": rollout.capital,
        "since": rollout.since,
        "stages": rollout.stages,
        "days": result.days,
        "trades": result.trades,
        "decision": result.decision,
        "missing": result.missing,
        "verdicts": {name: each.verdict for name, each in watch.verdicts.items()},
        "reasons": {name: each.reason for name, each in watch.verdicts.items()},
        "would_stop": stopped_without_edge(watch),
        "valid_until": valid_until,
        "state": rollout.state,
        "reason": rollout.reason,
        "fallback": rollout.fallback,
    }
