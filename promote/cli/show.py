"""The verb `show`: one version of a profile."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Group, RenderableType
from rich.text import Text

from promote.cli.desk import ProfileRef, Profiles, desk_of, listing, pairs
from store.cli.options import RESULTS, Json, Root, answer
from store.terminal.fitted_table import Column

if TYPE_CHECKING:
    from promote.profiles.profile import Profile


def show(
    profile: ProfileRef, root: Root = RESULTS, profiles: Profiles = None, json: Json = False
) -> None:
    """All that a version says, and who has approved of it."""
    from promote.profiles.files import find
    from promote.promotion.approval import approval_of

    desk = desk_of(root, profiles)
    shown = find(desk.profiles, profile)
    approval = approval_of(desk, shown)
    values = asdict(shown) | {"approved": approval is not None, "approval": approval}
    answer(values, json, lambda: _page(shown, approval))


def _page(profile: "Profile", approval: Mapping[str, Any] | None) -> RenderableType:
    from store.terminal.metric_text import cell, label, params_text

    approved = "not yet" if approval is None else f"by {approval['by']}, {approval['time'][:10]}"
    facts = {
        "profile": profile.ref,
        "strategy": f"{profile.strategy['name']} {params_text(profile.params)}",
        "bars": f"{profile.symbol} {profile.timeframe}, {profile.window['first'][:10]} to "
        f"{profile.window['last'][:10]} ({profile.window['role']})",
        "experiment": f"{profile.experiment['id']}/{profile.experiment['run']}",
        "config hash": profile.config_hash,
        "parent": f"v{profile.parent}" if profile.parent else "none",
        "promoted": f"{profile.promoted_at[:19]} UTC by {profile.promoted_by}",
        "reason": profile.reason or "not given",
        "expected impact": profile.expected_impact or "not given",
        "gate": f"{profile.gate['preset']}: recommended",
        "approved": approved,
        "holdout": f"looked at {profile.holdout['uses']} times when it was promoted",
    }
    metrics = listing("metric", Column("", "number"))
    for name, value in profile.metrics.items():
        metrics.add_row(label(name), cell(name, value))
    return Group(pairs(facts), Text(), metrics)
