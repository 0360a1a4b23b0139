"""The state of a rollout, a document of the registry that changes by compare-and-set."""

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from store.registry import Registry
from store.registry.operation import Document, document

KIND = "rollout"
SHADOW, RUNNING, HELD, ROLLED_BACK, DONE = "shadow", "running", "held", "rolled_back", "done"


@dataclass(frozen=True)
class RolloutState:
    """One profile's rollout.

    Attributes:
        profile: its name.
        version: the version that is rolled out.
        plan: name of the plan.
        stages: each stage of the plan as it was at the start: name, capital, days, trades, auto.
        rules: the plan's other settings as they were at the start.
        stage: number of the stage, from 0.
        state: shadow, running, held, rolled_back or done.
        since: time of the last closed bar when the stage began.
        began: time of the last closed bar when the rollout began.
        money: quote currency at full capital.
        fallback: version that a rollback returns to; None: flat.
        auto: stages that advance without a person, written by `approver`.
        approver: the person who allowed `auto`.
        history: every stage so far: stage, capital, since.
        reason: of the last change, in words.
        changes: how many changes there were.
        loss_limit: the user's own, in quote currency; None without.
    """

    profile: str
    version: int
    plan: str
    stages: list[dict[str, Any]]
    rules: dict[str, object]
    stage: int
    state: str
    since: str
    began: str
    money: float
    fallback: int | None = None
    auto: list[str] = field(default_factory=list)
    approver: str = ""
    history: list[dict[str, Any]] = field(default_factory=list)
    reason: str = ""
    changes: int = 1
    loss_limit: float | None = None

    @property
    def stage_name(self) -> str:
        """The stage's name."""
        return str(self.stages[self.stage]["name"])

    @property
    def capital(self) -> float:
        """Share of the money that is traded: 0 once it is rolled back."""
        return 0.0 if self.state == ROLLED_BACK else float(self.stages[self.stage]["capital"])

    def state_at(self, stage: int) -> str:
        """State of a stage that is under way: shadow without capital, done at the last."""
        return state_at([float(each["capital"]) for each in self.stages], stage)

    def to_facts(self) -> dict[str, object]:
        """As JSON types."""
        return dataclasses.asdict(self)


def state_at(capitals: Sequence[float], stage: int) -> str:
    """State of a stage of those with these shares of the capital."""
    if capitals[stage] == 0:
        return SHADOW
    return DONE if stage == len(capitals) - 1 else RUNNING


def of_facts(facts: Mapping[str, Any]) -> RolloutState | None:
    """The state that a document holds; None of an empty one."""
    names = {each.name for each in dataclasses.fields(RolloutState)}
    recorded = {name: value for name, value in facts.items() if name in names}
    return RolloutState(**recorded) if recorded else None


def rollout_of(registry: Registry, profile: str) -> tuple[Document, RolloutState | None]:
    """The document and the state of a profile's rollout."""
    result = document(registry, KIND, profile)
    return result, of_facts(result.facts)
