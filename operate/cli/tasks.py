"""The verbs `tasks`, `run-due` and `daemon`."""

import json as text
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from operate.cli.options import RESULTS, By, Json, Now, Profiles, Root, answer, person, place_of
from operate.cli.paragraphs import Paragraphs, counted

if TYPE_CHECKING:
    from operate.tasks.queue import Task

app = typer.Typer(
    invoke_without_command=True,
    help="The queue: shadow, review, cycle, notify, challengers, hyperparameter and model tasks.",
)


@app.callback()
def tasks(
    ctx: typer.Context,
    root: Root = RESULTS,
    profiles: Profiles = None,
    json: Json = False,
) -> None:
    """List all tasks, the most urgent first."""
    if ctx.invoked_subcommand is not None:
        return
    from operate.tasks.queue import all_tasks

    result = all_tasks(place_of(root, profiles, None))
    lines = [
        f"{task.priority} {task.name}: {task.type} of {task.component}, {task.frequency}, "
        f"{task.status}, next {_next(task)}, {counted(task.failures, 'failure')}. "
        f"{task.last}".rstrip()
        for task in result
    ]
    answer([asdict(task) for task in result], json, lambda: Paragraphs(lines or ["No tasks."]))


def _next(task: "Task") -> str:
    from operate.tasks.queue import AT_ONCE

    return "now" if task.next_run_at == AT_ONCE else task.next_run_at


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Name of the task.")],
    type_: Annotated[str, typer.Option("--type", help="What it does.")],
    component: Annotated[str, typer.Option(help="A profile, or all.")] = "all",
    frequency: Annotated[str, typer.Option(help="hourly, daily, weekly or after_close.")] = "daily",
    priority: Annotated[int, typer.Option(help="1 is the highest.")] = 5,
    config: Annotated[str, typer.Option(help="Settings of its type, JSON.")] = "{}",
    root: Root = RESULTS,
    profiles: Profiles = None,
    json: Json = False,
) -> None:
    """Put a task into the queue; it is due at once."""
    from operate.tasks.queue import Task
    from operate.tasks.queue import add as put

    try:
        settings = text.loads(config)
    except ValueError as error:
        raise ValueError(f"--config: is no JSON ({error})") from None
    if not isinstance(settings, dict):
        raise ValueError(f"--config: need an object such as {{}}, got {config}")
    task = Task(name, type_, component, frequency, priority, config=settings)
    put(place_of(root, profiles, None), task)
    answer(asdict(task), json, lambda: Text(f"{name}: {type_} of {component}, {frequency}."))


@app.command()
def enable(
    name: str, by: By = None, root: Root = RESULTS, profiles: Profiles = None, json: Json = False
) -> None:
    """Switch a task on; a breaker that has opened is closed by a person only."""
    _switch(name, True, by, root, profiles, json)


@app.command()
def disable(
    name: str, by: By = None, root: Root = RESULTS, profiles: Profiles = None, json: Json = False
) -> None:
    """Switch a task off."""
    _switch(name, False, by, root, profiles, json)


def _switch(
    name: str, on: bool, by: str | None, root: Root, profiles: Profiles, json: bool
) -> None:
    from operate.tasks.queue import switch

    place = place_of(root, profiles, None)
    task = switch(place, name, on, person(by, place.desk.profiles))
    answer(asdict(task), json, lambda: Text(f"{name}: {'enabled' if on else 'disabled'}."))


def run_due(
    task: Annotated[
        str | None, typer.Option("--task", help="Only this one, whatever its time.")
    ] = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
    now: Now = None,
    json: Json = False,
) -> None:
    """Run every task that is due, once; exit 3 when one has failed."""
    from operate.tasks.run_due import run_due as run

    ran = run(place_of(root, profiles, now), task)
    lines = [f"{each.name}: {'done' if each.ok else 'FAILED'}: {each.sentence}" for each in ran]
    answer([asdict(each) for each in ran], json, lambda: Paragraphs(lines or ["Nothing due."]))
    raise typer.Exit(0 if all(each.ok for each in ran) else 3)


def daemon(
    every: Annotated[float, typer.Option(min=0.01, help="Seconds between looks.")] = 3600.0,
    ticks: Annotated[
        int | None, typer.Option(min=1, help="Looks after which it ends; none: never.")
    ] = None,
    root: Root = RESULTS,
    profiles: Profiles = None,
) -> None:
    """Run what is due every hour, until SIGTERM; exit 3 when a task has failed."""
    from operate.tasks.daemon import daemon as run

    failed = run(lambda: place_of(root, profiles, None), every, ticks, typer.echo)
    raise typer.Exit(3 if failed else 0)
