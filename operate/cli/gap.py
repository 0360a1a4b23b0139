"""The verb `gap`: live against what was promised, by cause."""

from operate.cli.options import RESULTS, Json, Now, ProfileRef, Profiles, Root, answer, place_of
from operate.cli.paragraphs import Paragraphs, plain_zero


def gap(
    profile: ProfileRef,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """A table that adds up: deflation, market, signal, size, price, fees, outage, rest."""
    from operate.monitors.watch import watch
    from operate.rollout.gap import gap_rows
    from promote.profiles.files import find

    place = place_of(root, profiles, now)
    result = watch(place, find(place.desk.profiles, profile))
    rows, total = gap_rows(result.live, result.account, result.promise)
    report = {"rows": [row.row() for row in rows], "total": total}
    lines = [f"{'cause':12}{'amount':>14}{'n':>7}"]
    lines += [f"{row.cause:12}{plain_zero(row.amount, 2):14,.2f}{row.n:7,}" for row in rows]
    market = next(row for row in rows if row.cause == "market")
    luck = f"Luck alone moves the market row by {market.interval[1]:,.2f} either way (95 %)."
    last = f"{'total':12}{plain_zero(total, 2):14,.2f}"
    answer(report, json, lambda: Paragraphs([*lines, last, luck]))
