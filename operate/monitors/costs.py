"""Costs: what a live fill cost more than the profile assumes, price and fee, per fill."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr

from kernels.jit.array_types import Floats
from operate.monitors.live import Live
from operate.monitors.verdict import FAIL, INCONCLUSIVE, PASS, Verdict
from operate.statistics.betting import SHOWN, e_process, scaled

NEGLIGIBLE = 0.1
"""Annual Sharpe ratio that an excess may take and still be of no account."""
LEAST_SCALE = 1e-4
"""Of the notional: standard deviation of a fill's excess that is assumed before the first."""
EXAMPLE = 5e-4
"""Of the notional: the excess whose power is printed."""


@dataclass(frozen=True, eq=False)
class Excess:
    """Costs above those assumed, fractions of the notional.

    Attributes:
        days: (d,) daily means of price and fee together.
        price: mean of what prices cost more.
        fee: mean of what fees cost more; 0 where the statement has none.
        n: fills.
        has_fees: the statement has fees.
    """

    days: Floats
    price: float
    fee: float
    n: int
    has_fees: bool


def excess_of(live: Live) -> Excess:
    """The excess of every fill that was on its bar, the shadow's own slippage taken off."""
    rows = []
    commission = float(live.profile.settings.get("commission") or 0.0)
    for pair in live.matched.pairs:
        if not pair.late:
            price = pair.side * (pair.price - pair.shadow_price) / pair.shadow_price
            fee = pair.fee / (pair.quantity * pair.price) - commission
            rows.append((live.table.index[pair.bar].normalize(), price, fee))
    table = pd.DataFrame(rows, columns=["day", "price", "fee"])
    has_fees = bool(len(table)) and bool(table["fee"].notna().all())
    fees = table["fee"] if has_fees else table["fee"] * 0.0
    fees = fees.fillna(0.0)
    daily = (table["price"] + fees).groupby(table["day"]).mean()
    price = float(table["price"].mean()) if len(table) else math.nan
    mean_fee = float(fees.mean()) if len(table) else math.nan
    return Excess(daily.to_numpy(float), price, mean_fee, len(table), has_fees)


def costs(live: Live, sigma: float, periods: float) -> Verdict:
    """Fails when the excess is shown to be above 0, passes when shown to be of no account.

    Args:
        live: records and shadow.
        sigma: standard deviation of the profile's return per bar.
        periods: bars in a year.
    """
    if not live.matched.pairs:
        report = "no live fill on a fill of the shadow: an equity curve does not show costs"
        return Verdict(INCONCLUSIVE, report, 0, 0.05, 0.0, {"excess": None})
    result = excess_of(live)
    if not result.n or not np.isfinite(result.days).all():
        return Verdict(INCONCLUSIVE, "no fill has a finite cost", result.n, 0.05, 0.0, {})
    bearable = bearable_excess(live, sigma, periods, result.n)
    scale = max(LEAST_SCALE, float(live.profile.settings.get("slippage") or 0.0))
    above = e_process(scaled(result.days, scale))
    below = e_process(scaled(bearable - result.days, scale))
    error = (
        float(result.days.std() / math.sqrt(result.days.size)) if result.days.size > 1 else scale
    )
    mean = float(result.days.mean())
    facts = {
        "excess": mean,
        "interval": [mean - 1.96 * error, mean + 1.96 * error],
        "price_excess": result.price,
        "fee_excess": result.fee,
        "bearable": bearable,
        "evidence_above": float(above.max()),
        "evidence_below": float(below.max()),
        "days": int(result.days.size),
    }
    power = _power(result.days, scale)
    report = _words(result, mean, bearable)
    verdict = INCONCLUSIVE
    if above.max() >= SHOWN:
        verdict = FAIL
    elif below.max() >= SHOWN:
        verdict = PASS
    return Verdict(verdict, report, result.n, 0.05, power, facts)


def bearable_excess(live: Live, sigma: float, periods: float, fills: int) -> float:
    """Cost per fill that takes 0.1 of annual Sharpe at the rate at which fills come."""
    bars = max(1, live.last - live.first + 1)
    a_year = max(1.0, fills / bars * periods)
    return NEGLIGIBLE * sigma * math.sqrt(periods) / a_year


def _power(days: Floats, scale: float) -> float:
    """Chance that 5 bp a fill would have been shown by now, from the noise of the fills."""
    spread = max(float(days.std()), scale / 2)
    reach = EXAMPLE / spread * math.sqrt(days.size) - math.sqrt(2 * math.log(SHOWN))
    return float(ndtr(reach))


def _in_bp(share: float) -> str:
    """A share in basis points, `+1.5 bp`; what rounds to nothing has no minus sign."""
    return f"{round(share * 1e4, 1) + 0.0:+.1f} bp"


def _words(result: Excess, mean: float, bearable: float) -> str:
    fees = f"fees {_in_bp(result.fee)}" if result.has_fees else "fees unknown: not in the statement"
    parts = f"prices {_in_bp(result.price)}, {fees}"
    return (
        f"fills cost {_in_bp(mean)} more than assumed ({parts}), "
        f"{bearable * 1e4:.1f} bp would take {NEGLIGIBLE:g} of Sharpe; {result.n} fills"
    )
