"""The state of a rollout, a document of the registry that changes by compare-and-set."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from store.errors import DamagedFile
from store.files.typed_json import JsonRecord, later, unknown_fields
from store.registry import Registry
from store.registry.operation import Document, document

KIND = "rollout"
SHADOW, RUNNING, HELD, ROLLED_BACK, DONE = "shadow", "running", "held", "rolled_back", "done"


@dataclass(frozen=True, slots=True)
class Stage(JsonRecord):
    """One stage of a plan.

    Attributes:
        name: of the stage.
        capital: share of the money, 0 to 1.
        days: that it lasts at least.
        trades: closed in it at least.
        others: fields of later versions.
    """

    name: str
    capital: float
    days: float
    trades: int
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules(JsonRecord):
    """Settings of a plan but for its stages, as they were when the rollout began.

    Attributes:
        days: `trading` or `calendar`.
        patience: days beyond a stage's least after which an inconclusive monitor alerts.
        records_age_bars: bars that live records may be old.
        on_expiry: `flat` or `keep`: what a bot does that reads an expired target.
        on_shortfall: `rollback` or `hold`: what follows when the shortfall line is crossed.
        description: in words.
        explained_until: time of the last bar whose faults a person has acknowledged; None: of none.
        others: fields of later versions.
    """

    days: str = "trading"
    patience: float = 63
    records_age_bars: float = 2
    on_expiry: str = "flat"
    on_shortfall: str = "rollback"
    description: str = ""
    explained_until: str | None = later(None)
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageSpan(JsonRecord):
    """A stage that a rollout was in.

    Attributes:
        stage: its name; `rolled_back` after a rollback.
        capital: share of the money.
        since: time of the last closed bar when it began.
        others: fields of later versions.
    """

    stage: str
    capital: float
    since: str
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutChange(JsonRecord):
    """Facts of the event of a change.

    Attributes:
        change: its number, `RolloutState.changes`.
        version: that is rolled out.
        stage: its name; `capital`, its share of the money.
        state: of the rollout.
        by: who.
        reason: in words.
        others: fields of later versions.
    """

    change: int
    version: int
    stage: str
    capital: float
    state: str
    by: str
    reason: str
    others: Mapping[str, object] = unknown_fields()


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutState(JsonRecord):
    """One profile's rollout.

    Attributes:
        profile: its name.
        version: the version that is rolled out.
        plan: name of the plan.
        stages: each stage of the plan as it was at the start.
        rules: the plan's other settings as they were at the start.
        stage: number of the stage, from 0.
        state: shadow, running, held, rolled_back or done.
        since: time of the last closed bar when the stage began.
        began: time of the last closed bar when the rollout began.
        money: quote currency at full capital.
        fallback: version that a rollback returns to; None: flat.
        auto: stages that advance without a person, written by `approver`.
        approver: the person who allowed `auto`.
        history: every stage so far.
        reason: of the last change, in words.
        changes: how many changes there were.
        loss_limit: the user's own, in quote currency; None without.
        others: fields of later versions.
    """

    profile: str
    version: int
    plan: str
    stages: tuple[Stage, ...]
    rules: Rules
    stage: int
    state: str
    since: str
    began: str
    money: float
    fallback: int | None = None
    auto: tuple[str, ...] = ()
    approver: str = ""
    history: tuple[StageSpan, ...] = ()
    reason: str = ""
    changes: int = 1
    loss_limit: float | None = None
    others: Mapping[str, object] = unknown_fields()

    @property
    def stage_name(self) -> str:
        """The stage's name."""
        return self.stages[self.stage].name

    @property
    def capital(self) -> float:
        """Share of the money that is traded: 0 once it is rolled back."""
        return 0.0 if self.state == ROLLED_BACK else float(self.stages[self.stage].capital)

    def state_at(self, stage: int) -> str:
        """State of a stage that is under way: shadow without capital, done at the last."""
        return state_at([each.capital for each in self.stages], stage)


def state_at(capitals: Sequence[float], stage: int) -> str:
    """State of a stage of those with these shares of the capital."""
    if capitals[stage] == 0:
        return SHADOW
    return DONE if stage == len(capitals) - 1 else RUNNING


def rollout_of(registry: Registry, profile: str) -> tuple[Document, RolloutState | None]:
    """The document and the state of a profile's rollout; no state when there is none.

    Raises:
        DamagedFile: the document is none of a rollout.
    """
    stored = document(registry, KIND, profile)
    if not stored.facts:
        return stored, None
    try:
        return stored, RolloutState.from_json(stored.facts)
    except ValueError as error:
        raise DamagedFile(f"rollout of {profile}: the registry holds none ({error})") from error
