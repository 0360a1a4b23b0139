"""The verb `list`: all profiles."""

from typing import TYPE_CHECKING, Any

from promote.cli.desk import Profiles, desk_of, listing
from store.cli.options import RESULTS, Json, Root, answer
from store.terminal.fitted_table import Column, FittedTable

if TYPE_CHECKING:
    from promote.promotion.transaction import Desk


def list_profiles(root: Root = RESULTS, profiles: Profiles = None, json: Json = False) -> None:
    """All profiles: the version in force of each, and who has approved of it."""
    from promote.profiles.files import names

    desk = desk_of(root, profiles)
    rows = [_row(desk, name) for name in names(desk.profiles)]
    none = f"No profile in {desk.profiles} yet; `python -m promote apply REF NAME` makes one."
    answer(rows, json, lambda: _page(rows) if rows else none)


def _row(desk: "Desk", name: str) -> dict[str, object]:
    from promote.profiles.files import find
    from promote.promotion.approval import approval_of

    profile = find(desk.profiles, name)
    approval = approval_of(desk, profile)
    return {
        "profile": name,
        "version": profile.version,
        "strategy": profile.strategy["name"],
        "symbol": profile.symbol,
        "timeframe": profile.timeframe,
        "params": profile.params,
        "sharpe": profile.metrics["sharpe"],
        "promoted_at": profile.promoted_at,
        "recommended": profile.recommended,
        "approved": approval is not None,
        "approved_by": approval["by"] if approval else None,
    }


def _page(rows: list[dict[str, Any]]) -> FittedTable:
    from store.terminal.metric_text import params_text

    table = listing(
        Column("profile", "id"),
        *("strategy", "params", "symbol"),
        Column("Sharpe", "number"),
        Column("promoted", "id"),
        "approved by",
    )
    for row in rows:
        cells = (
            f"{row['profile']}/v{row['version']}",
            row["strategy"],
            params_text(row["params"]),
            f"{row['symbol']} {row['timeframe']}",
            f"{row['sharpe']:.2f}",
            row["promoted_at"][:10],
            row["approved_by"] or "not yet",
        )
        table.add_row(*cells)
    return table
