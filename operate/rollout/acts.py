"""Acts of a rollout: each one event by compare-and-set, one audit entry, a new target.

The registry is changed first and is the truth. An audit entry or a target that a killed process
has left out is made good by the next command (`settle`).
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from operate.alerts.outbox import alert
from operate.records.clock import iso, utc
from operate.records.desk import Place
from operate.records.rollout_state import (
    DONE,
    HELD,
    KIND,
    ROLLED_BACK,
    RUNNING,
    SHADOW,
    RolloutState,
    rollout_of,
    state_at,
)
from operate.rollout.plan import Plan
from operate.shadow import state as shadows
from operate.shadow.shadow import shadow
from operate.target.target import in_force, write_target
from promote.audit import audit_log
from promote.audit.journal import writing
from promote.profiles.profile import Profile
from promote.promotion.transaction import act
from store.errors import StoreError, UnknownReference
from store.registry import Event
from store.registry.operation import Document, write

AUDIT = "rollout"
"""Kind of the audit's entries."""


def require_rollout(place: Place, name: str) -> RolloutState:
    """The rollout of a profile.

    Raises:
        UnknownReference: none was started.
    """
    _, rollout = rollout_of(place.registry, name)
    if rollout is None:
        raise UnknownReference(
            f"{name}: has no rollout; `python -m operate rollout start {name}` begins one"
        )
    return rollout


@dataclass(frozen=True)
class Terms:
    """Terms that the user adds to a plan.

    Attributes:
        money: quote currency at full capital; None: as in the backtest.
        loss_limit: loss that ends it, quote currency; None without.
        auto: stages that advance without a person.
    """

    money: float | None = None
    loss_limit: float | None = None
    auto: tuple[str, ...] = ()


def start(
    place: Place, profile: Profile, plan: Plan, by: str, terms: Terms = Terms()
) -> RolloutState:
    """Begin the rollout of an approved version, with its first stage.

    Args:
        place: where.
        profile: the version.
        plan: its stages.
        by: who starts it.
        terms: what the user adds to the plan.

    Raises:
        StoreError: it is not approved, or another rollout is under way.
    """
    if not place.is_approved(profile):
        raise StoreError(
            f"{profile.ref}: is not approved; `python -m promote approve {profile.ref}` after "
            "looking at it"
        )
    _check_terms(plan, terms)
    document, old = rollout_of(place.registry, profile.profile)
    if old is not None and old.state in (SHADOW, RUNNING, HELD):
        raise StoreError(
            f"{profile.profile}: a rollout of v{old.version} is under way, stage {old.stage_name}; "
            "roll it back first"
        )
    kept = shadow(place, profile).shadow
    first = plan.stages[0]
    made = RolloutState(
        profile=profile.profile,
        version=profile.version,
        plan=plan.name,
        stages=[asdict(stage) for stage in plan.stages],
        rules=plan.rules(),
        stage=0,
        state=state_at([stage.capital for stage in plan.stages], 0),
        since=kept.last,
        began=kept.last,
        money=float(terms.money or profile.number("initial_capital")),
        fallback=_fallback(old, profile),
        auto=list(terms.auto),
        approver=by if terms.auto else "",
        history=[{"stage": first.name, "capital": first.capital, "since": kept.last}],
        reason=f"plan {plan.name}",
        changes=1 if old is None else old.changes + 1,
        loss_limit=terms.loss_limit,
    )
    return _change(place, document.version, made, "started", by)


def _check_terms(plan: Plan, terms: Terms) -> None:
    names = [stage.name for stage in plan.stages]
    for name in terms.auto:
        if name not in names:
            raise ValueError(f"--auto: {plan.name} has the stages {', '.join(names)}, got {name!r}")
    for option, value in (("--money", terms.money), ("--loss-limit", terms.loss_limit)):
        if value is not None and not 0 < value < float("inf"):
            raise ValueError(f"{option}: has to be above 0, got {value}")


def _fallback(old: RolloutState | None, profile: Profile) -> int | None:
    """The version at full capital before: what a rollback returns to."""
    if old is None:
        return None
    version = old.version if old.state == DONE else old.fallback
    return version if version != profile.version else None


def advance(place: Place, rollout: RolloutState, by: str, reason: str = "") -> RolloutState:
    """The next stage; the caller has asked `decide`."""
    return to_stage(place, rollout, rollout.stage + 1, "advanced", by, reason)


def to_stage(
    place: Place, rollout: RolloutState, stage: int, word: str, by: str, reason: str
) -> RolloutState:
    """Another stage, up or down."""
    last = _last(place, rollout)
    chosen = rollout.stages[stage]
    own = {"stage": chosen["name"], "capital": chosen["capital"], "since": last}
    changed = replace(
        rollout,
        stage=stage,
        state=rollout.state_at(stage),
        since=last,
        history=[*rollout.history, own],
        reason=reason,
    )
    return change(place, changed, word, by)


def hold(place: Place, rollout: RolloutState, by: str, reason: str) -> RolloutState:
    """Stay at this stage, whatever the monitors say, but for what rolls back."""
    if rollout.state in (HELD, ROLLED_BACK):
        raise StoreError(f"{rollout.profile}: is {rollout.state} already")
    return change(place, replace(rollout, state=HELD, reason=reason), "held", by)


def resume(place: Place, rollout: RolloutState, by: str, reason: str) -> RolloutState:
    """Go on; faults so far are explained by a person, whose word is on record.

    Raises:
        StoreError: it was rolled back, or no reason is given.
    """
    if rollout.state == ROLLED_BACK:
        raise StoreError(f"{rollout.profile}: was rolled back; start it again")
    if not reason:
        raise StoreError(f"{rollout.profile}: say with --reason how the faults are explained")
    state = rollout.state_at(rollout.stage)
    rules = {**rollout.rules, "explained_until": _last(place, rollout)}
    _acknowledge(place, rollout)
    return change(place, replace(rollout, state=state, rules=rules, reason=reason), "resumed", by)


def _acknowledge(place: Place, rollout: RolloutState) -> None:
    kept = shadows.load(place.root, rollout.profile, rollout.version)
    if kept is not None and kept.breaks:
        breaks = [{**each, "acknowledged": True} for each in kept.breaks]
        shadows.resave(place.root, replace(kept, breaks=breaks))


def roll_back(place: Place, rollout: RolloutState, by: str, reason: str) -> RolloutState:
    """Back to the version that was at full capital before, or flat."""
    if rollout.state == ROLLED_BACK:
        raise StoreError(f"{rollout.profile}: was rolled back already: {rollout.reason}")
    own = {"stage": ROLLED_BACK, "capital": 0.0, "since": _last(place, rollout)}
    made = replace(rollout, state=ROLLED_BACK, history=[*rollout.history, own], reason=reason)
    return change(place, made, "rolled back", by)


def change(place: Place, made: RolloutState, word: str, by: str) -> RolloutState:
    """Write a change that was made of the state at hand; Stale when another process was first."""
    document, now = rollout_of(place.registry, made.profile)
    if now is None or now.changes != made.changes:
        raise StoreError(f"{made.profile}: its rollout was changed meanwhile; repeat the command")
    return _change(place, document.version, replace(made, changes=made.changes + 1), word, by)


def _change(place: Place, version: int, made: RolloutState, word: str, by: str) -> RolloutState:
    old = Document(KIND, made.profile, {}, version)
    facts = {
        "change": made.changes,
        "version": made.version,
        "stage": made.stage_name,
        "capital": made.capital,
        "state": made.state,
        "by": by,
        "reason": made.reason,
    }
    write(place.registry, old, made.to_facts(), (f"rollout {word}", made.profile, facts))
    text = (
        f"{made.profile}/v{made.version} {word}: stage {made.stage_name}, "
        f"{made.capital:.0%} of the capital. {made.reason}"
    )
    key = f"rollout {made.profile} {made.changes}"
    alert(place, key, f"rollout {word}", made.profile, text)
    settle(place, made.profile)
    return made


def settle(place: Place, name: str) -> None:
    """Make good what a killed process left out: audit entries, then the target."""
    _audit(place, name)
    chosen = in_force(place, name)
    if chosen is not None:
        done = shadow(place, chosen)
        write_target(place, chosen, done)


def _audit(place: Place, name: str) -> None:
    """Entries for all events of the rollout that the audit does not have yet."""
    events = [each for each in place.registry.events(name) if each.kind.startswith("rollout ")]
    if not events:
        return
    folder = place.desk.profiles
    if not _unaudited(folder, name, events):
        return
    with writing(folder):
        for event in _unaudited(folder, name, events):
            facts = event.facts
            body = {
                "profile": name,
                "version": facts["version"],
                "by": facts["by"],
                "change": facts["change"],
                "act": event.kind,
                **{key: facts[key] for key in ("stage", "capital", "state", "reason")},
            }
            act(place.desk, AUDIT, body)


def _unaudited(folder: Path, name: str, events: Sequence[Event]) -> list[Event]:
    bodies = [link.body for link in audit_log.entries(folder)]
    recorded = {
        body["change"] for body in bodies if body["kind"] == AUDIT and body["profile"] == name
    }
    return [event for event in events if event.facts["change"] not in recorded]


def _last(place: Place, rollout: RolloutState) -> str:
    """Time of the last closed bar, never before the stage began."""
    kept = shadows.load(place.root, rollout.profile, rollout.version)
    if kept is None:
        return rollout.since
    return iso(max(utc(kept.last), utc(rollout.since)))
