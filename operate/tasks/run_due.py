"""Run what is due: once each, by priority; the same call again does nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from operate.alerts.delivery import deliver
from operate.alerts.outbox import alert
from operate.cycle.cycle import run_cycle
from operate.cycle.model import refit
from operate.records.desk import Place
from operate.records.rollout_state import rollout_of
from operate.rollout.challengers import all_of, judge
from operate.rollout.review import review
from operate.shadow.shadow import shadow
from operate.target.target import in_force, write_target
from operate.tasks.queue import Task, all_tasks, done, failed, lease
from operate.tasks.schedule import is_due
from promote.profiles.files import find, names
from store.errors import StoreError


@dataclass(frozen=True)
class Ran:
    """One task that has run.

    Attributes:
        name: of the task.
        ok: it ran without a fault.
        said: what it did, in words.
    """

    name: str
    ok: bool
    sentence: str


def run_due(place: Place, only: str | None = None) -> list[Ran]:
    """Run every task that is due, or one whatever its time.

    Args:
        place: where.
        only: name of the one task; None: all that are due.
    """
    now = place.now.to_pydatetime()
    ran = []
    for task in all_tasks(place):
        if only is not None and task.name != only:
            continue
        if only is None and not is_due(task.next_run_at, now, task.frequency):
            continue  # as `lease` says, without reading each of a hundred tasks again
        taken = lease(place, task.name, now, ignore_time=only is not None)
        if taken is not None:
            ran.append(_run(place, taken, now))
    return ran


def _run(place: Place, task: Task, now: datetime) -> Ran:
    try:
        sentence, bar = WORK[task.type](place, task)
    except (ValueError, OSError, RuntimeError) as error:  # StoreError is a ValueError
        sentence = " ".join(str(error).split())
        if failed(place, task, now, sentence):
            alert(place, f"breaker {task.name} {now:%Y%m%d%H%M}", "task disabled", task.name,
                  f"five faults in a row, the last: {sentence}")  # fmt: skip
        return Ran(task.name, False, sentence)
    done(place, task, now, sentence, bar)
    return Ran(task.name, True, sentence)


def _profiles(place: Place, task: Task) -> list[str]:
    return names(place.desk.profiles) if task.component == "all" else [task.component]


def _shadow(place: Place, task: Task) -> tuple[str, str]:
    """Shadow what is in force, then let the monitors act."""
    words, bar = [], ""
    for name in _profiles(place, task):
        chosen = in_force(place, name) or find(place.desk.profiles, name)
        shadowed = shadow(place, chosen)
        write_target(place, chosen, shadowed)
        bar = max(bar, shadowed.shadow.last)
        if task.frequency != "after_close" or shadowed.shadow.last > task.bar:
            words.append(f"{name} to {shadowed.shadow.last}, prefix {shadowed.prefix.word}")
            words += _reviewed(place, name)
    return "; ".join(words) or "no new bar", bar


def _reviewed(place: Place, name: str) -> list[str]:
    _, rollout = rollout_of(place.registry, name)
    if rollout is None:
        return []
    after = review(place, rollout)
    return [f"{after.state}: {after.reason}"] if after.changes != rollout.changes else []


def _review(place: Place, task: Task) -> tuple[str, str]:
    words = [word for name in _profiles(place, task) for word in _reviewed(place, name)]
    return "; ".join(words) or "nothing to change", ""


def _cycle(place: Place, task: Task) -> tuple[str, str]:
    words = []
    for name in _profiles(place, task):
        words.append(run_cycle(place, name, dict(task.config), kind=task.type).summary)
    return "; ".join(words), ""


def _model(place: Place, task: Task) -> tuple[str, str]:
    chosen = [find(place.desk.profiles, name) for name in _profiles(place, task)]
    return "; ".join(refit(place, profile, task.config) for profile in chosen), ""


def _notify(place: Place, task: Task) -> tuple[str, str]:
    del task
    result = deliver(place)
    if result.failed:
        raise StoreError(f"{result.failed} messages could not be delivered; they are tried again")
    return f"{result.sent} messages sent, {result.waiting} waiting", ""


def _challengers(place: Place, task: Task) -> tuple[str, str]:
    del task
    duels = [judge(place, each) for each in all_of(place)]
    return "; ".join(f"{duel.test}: {duel.status}" for duel in duels) or "no tests", ""


WORK: dict[str, Callable[[Place, Task], tuple[str, str]]] = {
    "shadow": _shadow,
    "review": _review,
    "cycle": _cycle,
    "hyperparameter": _cycle,
    "model": _model,
    "notify": _notify,
    "challengers": _challengers,
}
