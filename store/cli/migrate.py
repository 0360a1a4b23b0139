"""The verb `migrate`: an older store's ledger, brought up to date."""

from store.cli.options import RESULTS, Json, Root, answer_lines


def migrate(root: Root = RESULTS, json: Json = False) -> None:
    """Add to the ledger of an older store what it lacks: bars by time and price, and records."""
    from store.maintenance.migration import migrate as bring_up

    lines = bring_up(root)
    last = (
        f"{len(lines):,} experiments were looked at again."
        if lines
        else ("The ledger lacks nothing.")
    )
    answer_lines({"migrated": lines}, json, [*lines, last])
