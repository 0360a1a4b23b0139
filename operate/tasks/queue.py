"""Queue of tasks: documents of the registry with a lease, a count of faults and a breaker."""

import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime, timedelta

from operate.records.desk import Place
from operate.tasks.schedule import FREQUENCIES, following, is_due, parsed, text
from store.errors import Stale, StoreError, UnknownReference
from store.files.paths import check_name
from store.registry.operation import Document, document, documents, write

KIND = "task"
TYPES = ("shadow", "review", "cycle", "notify", "challengers", "hyperparameter", "model")
LEASE = timedelta(hours=2)
"""After which a task of a killed process may be run again."""
AT_ONCE = "1970-01-01T00:00:00Z"
"""When a task is due that has not run yet."""
BREAKER = 5
"""Faults in a row that switch a task off; a "no" of a gate or monitor is no fault."""


@dataclass(frozen=True)
class Task:
    """One task.

    Attributes:
        name: of the task.
        type: one of TYPES.
        component: the profile it works on; `all` for every one.
        frequency: hourly, daily, weekly or after_close.
        priority: 1 is the highest.
        enabled: false once the breaker is open, or a person has switched it off.
        next_run_at: when it is due, UTC.
        status: waiting, running, done, failed or disabled.
        failures: in a row.
        lease: token of the process that runs it; empty: none.
        lease_until: when that process is taken for dead.
        last: what it did last, in words.
        bar: last closed bar that an after_close task has seen.
        config: settings of its type.
    """

    name: str
    type: str
    component: str
    frequency: str
    priority: int = 5
    enabled: bool = True
    next_run_at: str = AT_ONCE
    status: str = "waiting"
    failures: int = 0
    lease: str = ""
    lease_until: str = ""
    last: str = ""
    bar: str = ""
    config: Mapping[str, object] = field(default_factory=dict)


def task_of(result: Document) -> Task:
    """The task that a document holds."""
    recorded = {each.name for each in fields(Task)}
    return Task(**{name: value for name, value in result.facts.items() if name in recorded})


def add(place: Place, task: Task) -> Task:
    """Put a task into the queue.

    Raises:
        ValueError: a field is none that it can be.
        StoreError: a task of this name is there.
    """
    check_name(task.name, "task")
    for what, value, allowed in (
        ("type", task.type, TYPES),
        ("frequency", task.frequency, tuple(FREQUENCIES)),
    ):
        if value not in allowed:
            raise ValueError(f"{what}: need one of {', '.join(allowed)}, got {value!r}")
    if task.priority < 1:
        raise ValueError(f"priority: 1 is the highest, got {task.priority}")
    old = document(place.registry, KIND, task.name)
    if old.version:
        raise StoreError(f"task {task.name}: is there already; choose another name")
    write(place.registry, old, asdict(task), None)
    return task


def all_tasks(place: Place) -> list[Task]:
    """All tasks, the most urgent first."""
    result = [task_of(each) for each in documents(place.registry, KIND)]
    return sorted(result, key=lambda task: (task.priority, task.next_run_at, task.name))


def switch(place: Place, name: str, enabled: bool, by: str) -> Task:
    """A person's act: switch a task on, its breaker closed again, or off."""
    old = document(place.registry, KIND, name)
    if not old.version:
        raise UnknownReference(f"task {name}: there is none; `python -m operate tasks` lists them")
    made = replace(
        task_of(old), enabled=enabled, failures=0, status="waiting" if enabled else "disabled"
    )
    word = "enabled" if enabled else "disabled"
    write(place.registry, old, asdict(made), (f"task {word}", name, {"by": by, "reason": by}))
    return made


def lease(place: Place, name: str, now: datetime, *, ignore_time: bool = False) -> Task | None:
    """Take a task that is due, if no living process has it; None otherwise."""
    old = document(place.registry, KIND, name)
    task = task_of(old)
    held = task.lease and parsed(task.lease_until) > now and parsed(
        task.lease_until) - now <= LEASE  # fmt: skip
    due = ignore_time or is_due(task.next_run_at, now, task.frequency)
    if not task.enabled or held or not due:
        return None
    taken = replace(
        task, lease=secrets.token_hex(8), lease_until=text(now + LEASE), status="running"
    )
    try:
        write(place.registry, old, asdict(taken), None)
    except Stale:
        return None
    return taken


def done(place: Place, task: Task, now: datetime, sentence: str, bar: str = "") -> None:
    """Give a task back that has run."""
    _back(place, replace(
        task, status="done", failures=0, last=sentence[:500], bar=bar or task.bar,
        next_run_at=following(now, task.frequency), lease="", lease_until="",
    ), ("task run", task.name, {"type": task.type, "component": task.component,
                                "reason": sentence[:500]}))  # fmt: skip


def failed(place: Place, task: Task, now: datetime, sentence: str) -> bool:
    """Give a task back that has failed; True when its breaker opens now."""
    failures = task.failures + 1
    opens = failures >= BREAKER
    made = replace(
        task, status="disabled" if opens else "failed", enabled=not opens, failures=failures,
        last=sentence[:500], next_run_at=following(now, task.frequency), lease="", lease_until="",
    )  # fmt: skip
    kind = "task disabled" if opens else "task failed"
    _back(place, made, (kind, task.name, {"failures": failures, "reason": sentence[:500]}))
    return opens


def _back(place: Place, made: Task, event: tuple[str, str, Mapping[str, object]]) -> None:
    old = document(place.registry, KIND, made.name)
    now = task_of(old)
    if not now.lease or now.status != "running":
        return  # taken over after the lease ran out, and given back by that process
    write(place.registry, old, asdict(made), event)
