"""The best of its kin beats the benchmark by more than luck explains, all that was tried counted.

Test for superior predictive ability of Hansen (2005), Journal of Business and Economic Statistics
23(4), 365-380, consistent and studentized, as an adjusted p-value of what was chosen: the best of
the candidate's kin against the best by chance of all that trade enough, see
`promote.statistics.max_t_blocks`. Its multiplicity is that of the symbols of the sweep, and of
what the ledger counts besides: Sidak (1967).
"""

from promote.gate.verdict import Verdict
from promote.statistics.probabilistic import normal_quantile


def check(
    chance_before: float,
    times: float,
    symbols: float,
    competitors: float,
    tried: float,
    bars: float,
    limit: float,
) -> Verdict:
    """Judge what was chosen by all that was tried.

    Args:
        chance_before: that luck looks as good on the judged window, after so many choices.
        times: choices of this size that were made: symbols, times what the ledger counts over
            what the sweep has tried.
        symbols: among which the choice was made, each with its bars and windows.
        competitors: configurations that trade enough, on the same bars.
        tried: configurations that the ledger counts on these data.
        bars: of the judged window.
        limit: the highest chance of luck that passes.
    """
    counted = chance_before if times >= 1 and symbols >= 1 else float("nan")
    again = times / symbols
    text = (
        f"how often the best of {competitors:,.0f} that trade enough looks as good as the best of "
        "its kin without skill"
        + (f", on the best of {symbols:.0f} symbols or windows" if symbols > 1 else "")
        + (
            f"; times {again:.2g} for {tried:,.0f} that the ledger counts"
            if again > 1
            else f"; all {tried:,.0f} that were tried on these data are of this sweep"
        )
    )
    if counted > limit:
        text += _missing(counted, bars, limit)
    return Verdict("spa", counted <= limit, counted, limit, "chance of luck", text)


def _missing(chance: float, bars: float, limit: float) -> str:
    """History that would do at this Sharpe ratio: z grows with the root of the bars."""
    if not (0 < limit < 0.5 and chance < 0.5):
        return "; at this Sharpe ratio no history is long enough: luck is as likely as not"
    times = (normal_quantile(1 - limit) / normal_quantile(1 - chance)) ** 2
    return f"; at this Sharpe ratio {(times - 1) * bars:,.0f} bars more would do"
