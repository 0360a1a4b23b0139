"""A registry that was lost or emptied: its facts put back from the audit and the ledger."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from promote.audit import audit_log
from promote.audit.audit_log import Body
from promote.config import Conf
from store.errors import DamagedFile
from store.ledger import ledger
from store.ledger.verify import verify
from store.registry import Approval, HoldoutUse, Promotion, Registry, open_registry


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
    registry, bodies = open_registry(root), [link.body for link in links]
    return [
        *_promotions(registry, bodies),
        *_approvals(registry, bodies),
        *_looks(registry, root),
    ]


def _promotions(registry: Registry, bodies: list[Body]) -> Iterator[str]:
    registered = {(promotion.profile, promotion.version) for promotion in registry.promotions()}
    for body in bodies:
        if body["kind"] not in audit_log.VERSIONS or _version(body) in registered:
            continue
        left_out = {"profile", "version", "files", "log", "host", "time"}
        facts = {name: value for name, value in body.items() if name not in left_out}
        registry.promote(
            Promotion(
                profile=body["profile"],
                version=body["version"],
                experiment=body["experiment"],
                run=body["run"],
                config_hash=body["config_hash"],
                facts=facts,
                time=body["time"],
            )
        )
        yield f"{body['profile']}/v{body['version']}: {body['kind']} {body['time'][:10]}"


def _approvals(registry: Registry, bodies: list[Body]) -> Iterator[str]:
    registered = {(entry.profile, entry.version, entry.approver) for entry in registry.approvals()}
    for body in bodies:
        if body["kind"] != audit_log.APPROVED or (*_version(body), body["by"]) in registered:
            continue
        comment = str(body.get("comment") or "")
        approval = Approval(*_version(body), body["by"], comment, body["time"])
        registry.approve(approval)
        yield f"{approval.profile}/v{approval.version}: approved by {approval.approver}"


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


def _version(body: Body) -> tuple[str, int]:
    return body["profile"], body["version"]
