"""The verb `gap`: live against what was promised, by cause."""

from rich.text import Text

from operate.cli.options import RESULTS, Json, Now, ProfileRef, Profiles, Root, answer, place_of


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
    lines = [f"{row.cause:12}{row.amount:14,.2f}   n {row.n}" for row in rows]
    market = next(row for row in rows if row.cause == "market")
    luck = f"Luck alone moves the market row by {market.interval[1]:,.2f} either way (95 %)."
    answer(report, json, lambda: Text("\n".join([*lines, f"{'total':12}{total:14,.2f}", luck])))
