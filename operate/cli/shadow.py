"""The verb `shadow`: the profile on fresh bars, and the target that a bot reads."""

from typing import TYPE_CHECKING, Any

import typer

from operate.cli.options import RESULTS, Json, Now, ProfileRef, Profiles, Root, answer, place_of
from operate.cli.paragraphs import Paragraphs

if TYPE_CHECKING:
    from operate.shadow.shadow import Shadowed


def shadow(
    profile: ProfileRef,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Run a profile through the last closed bar; exit 3 when what it did before has changed."""
    from operate.records.rollout_state import rollout_of
    from operate.rollout.acts import settle
    from operate.rollout.review import review
    from operate.shadow.shadow import shadow as run
    from operate.target.target import write_target
    from promote.profiles.files import find

    place = place_of(root, profiles, now)
    chosen = find(place.desk.profiles, profile)
    done = run(place, chosen)
    _, rollout = rollout_of(place.registry, chosen.profile)
    if rollout is not None and rollout.version == chosen.version:
        settle(place, chosen.profile)
        review(place, rollout)
    report = row_of(done, write_target(place, chosen, done))
    answer(report, json, lambda: Paragraphs(_lines(report)))
    raise typer.Exit(3 if done.prefix.word in ("data", "code") else 0)


def row_of(done: "Shadowed", target: dict[str, Any] | None) -> dict[str, object]:
    """A shadow as JSON types."""
    kept = done.shadow
    fresh = int((done.bars.times > _utc(kept.fresh_from)).sum())
    return {
        "profile": kept.profile,
        "version": kept.version,
        "bars": kept.bars,
        "fresh_bars": fresh,
        "fresh_from": kept.fresh_from,
        "last": kept.last,
        "trades": len(done.run.trades),
        "prefix": done.prefix.word,
        "detail": done.prefix.detail,
        "warm_up": kept.warm_up,
        "chain": kept.chain,
        "target": target,
    }


def _utc(text: str) -> Any:
    from operate.records.clock import utc

    return utc(text)


def _lines(report: dict[str, Any]) -> list[str]:
    bars = f"{report['bars']:,} bars to {report['last']}, {report['fresh_bars']:,} of them fresh"
    warm = report["warm_up"]
    lines = [
        f"{report['profile']}/v{report['version']}: {bars}; {report['trades']:,} closed trades.",
        f"Prefix: {report['prefix']}" + (f": {report['detail']}" if report["detail"] else ""),
        "Warm-up: "
        + (f"a bot needs {warm:,} bars" if warm else "not measured; a bot needs the whole history"),
    ]
    target = report["target"]
    if target is None:
        return [*lines, "Target: none is written; another version is in force, or none is approved"]
    return [
        *lines,
        f"Target: {target['side']}, weight {target['weight']:+.3f}, stage {target['stage']} with "
        f"{target['capital']:.0%} of the capital, valid until {target['valid_until']}.",
    ]
