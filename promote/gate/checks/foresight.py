"""No feature that the strategy reads foretells the next bar's return implausibly well."""

from collections.abc import Mapping

from promote.gate.verdict import Verdict


def check(foretold: Mapping[str, float], limit: float) -> Verdict:
    """Judge the features, which the look-ahead check takes as given.

    Args:
        foretold: rank correlation with the next bar's return, by feature column.
        limit: absolute correlation from which on it is implausible.
    """
    name = max(foretold, key=lambda column: abs(foretold[column]), default=None)
    highest = 0.0 if name is None else abs(foretold[name])
    reason = "it reads prices alone"
    if name is not None:
        reason = (
            f"{name} has a rank correlation of {foretold[name]:.2f} with the return of the next "
            "bar; features are taken as given: is each known at the close of its bar?"
        )
    return Verdict("foresight", highest < limit, highest, limit, "rank correlation", reason)
