"""The verb `repair`: a registry that was lost, put together again."""

from promote.cli.desk import Profiles, desk_of
from store.cli.options import RESULTS, Json, Root, answer


def repair(root: Root = RESULTS, profiles: Profiles = None, json: Json = False) -> None:
    """Put back what a lost or emptied registry lacks, from the audit and the ledger."""
    from rich.console import Group
    from rich.text import Text

    from promote.promotion.repair import repair as put_back

    desk = desk_of(root, profiles)
    lines = put_back(desk.root, desk.conf)
    last = (
        f"{len(lines):,} facts were put back into the registry."
        if lines
        else ("The registry lacks nothing that the audit and the ledger hold.")
    )
    answer({"repaired": lines}, json, lambda: Group(*map(Text, lines), Text(last)))
