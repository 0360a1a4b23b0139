"""A registry that was lost or emptied: its facts put back from the audit and the ledger."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from promote.audit import audit_log
from promote.audit.act import APPROVED, Act, acts_of
from promote.config import Conf
from promote.promotion.apply import promotion_of
from store.errors import DamagedFile
from store.ledger import ledger
from store.ledger.verify import verify
from store.registry import Approval, HoldoutUse, Registry, open_registry


def repair(root: Path, conf: Conf) -> list[str]:
    """Put back promotions, approvals and looks at holdouts that the registry lacks.

    Tags and notes are in the registry alone, and are not known any more once it is lost.

    Args:
        root: folder of the store.
        conf: where profiles are kept, and whose signature is believed.

    Returns:
        A line for each fact that was put back; empty when none was missing.

    Raises:
        DamagedFile: the audit or the ledger is not what was written: nothing is put back.
    """
    links, faults = audit_log.faults(conf.profiles, conf)
    if faults := [*faults, *verify(root)]:
        raise DamagedFile(f"nothing is put back before this is mended: {faults[0]}")
    registry, acts = open_registry(root), acts_of(links)
    return [
        *_promotions(registry, acts),
        *_approvals(registry, acts),
        *_looks(registry, root),
    ]


def _promotions(registry: Registry, acts: list[Act]) -> Iterator[str]:
    registered = {(promotion.profile, promotion.version) for promotion in registry.promotions()}
    for act in acts:
        if not act.makes_version or (act.profile, act.version) in registered:
            continue
        registry.promote(replace(promotion_of(act), time=act.time))
        yield f"{act.profile}/v{act.version}: {act.kind} {act.day}"


def _approvals(registry: Registry, acts: list[Act]) -> Iterator[str]:
    registered = {(entry.profile, entry.version, entry.approver) for entry in registry.approvals()}
    for act in acts:
        if act.kind != APPROVED or (act.profile, act.version, act.by) in registered:
            continue
        registry.approve(Approval(act.profile, act.version, act.by, act.text("comment"), act.time))
        yield f"{act.profile}/v{act.version}: approved by {act.by}"


def _looks(registry: Registry, root: Path) -> Iterator[str]:
    registered = Counter((use.experiment, use.config_hash) for use in registry.holdout_uses())
    for entry in ledger.entries(root):
        look = entry.look
        if look is None:
            continue
        if registered[look.experiment, look.config_hash]:
            registered[look.experiment, look.config_hash] -= 1
            continue
        use = HoldoutUse(
            look.symbol, look.fingerprint, look.experiment, look.config_hash, "gate", entry.time
        )
        registry.use_holdout(use)
        yield f"{look.symbol}: look at its holdout by {look.experiment}, {entry.time[:10]}"
