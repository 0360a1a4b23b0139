"""The verb `null-sweep`: how often would the gate promote luck, and how often an edge."""

from collections.abc import Iterator
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from promote.cli.desk import listing
from promote.cli.options import Baseline, Benchmark, Gate, SelectBy, Set, preset_of
from store.cli.options import RESULTS, Experiment, Json, Root, answer
from store.terminal.fitted_table import numbers

if TYPE_CHECKING:
    from promote.gate.null_sweep import Tally

MANY = 20
"""Repetitions from which on several processes are worth their start."""
EVERY = 5.0
"""Seconds between lines of progress."""


def null_sweep(
    ref: Experiment = "latest",
    replicas: Annotated[int, typer.Option(help="How often the experiment is repeated.")] = 200,
    edge: Annotated[
        float | None,
        typer.Option(
            help="Repeat it again with an edge planted: the true annual Sharpe ratio of the best "
            "configuration."
        ),
    ] = None,
    persistence: Annotated[
        float,
        typer.Option(help="Bars that a planted trend lasts; 0: a drift that never turns."),
    ] = 50.0,
    gate: Gate = "standard",
    set_: Set = None,
    select_by: SelectBy = "plateau",
    benchmark: Benchmark = "cash",
    baseline: Baseline = None,
    seed: Annotated[int, typer.Option(help="Of the drawn bars.")] = 0,
    minutes: Annotated[
        float, typer.Option(help="After which no further repetition is begun, of each kind.")
    ] = 30.0,
    workers: Annotated[
        int, typer.Option(help="Processes that share the repetitions; 0: one per core.")
    ] = 0,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Repeat an experiment on bars without skill and count what the gate would promote."""
    # Imported late, as in all verbs: --help and completion should not wait for the store.
    from promote.candidates.redrawn_sweeps import planted
    from promote.candidates.selection import check_way
    from promote.gate import null_sweep as sweep
    from promote.gate.evidence.options import Question
    from store.registry import open_registry
    from sweeper.spread import cores

    _check(replicas, edge, persistence, seed, minutes, workers)
    preset = sweep.measurable(preset_of(gate, set_, {}))
    question = Question(check_way(select_by), benchmark, baseline)
    original = sweep.subject(root, ref)
    repeat = partial(
        sweep.null_sweep,
        original,
        preset,
        question,
        replicas=replicas,
        seed=seed,
        seconds=60 * minutes,
        workers=workers or (cores() if replicas >= MANY else 1),
    )
    null = _followed(repeat(), "without skill", replicas)
    values = {
        "experiment": original.experiment.id,
        "configurations": original.configurations,
        "gate": preset.name,
        "changed": dict(preset.changed),
        "selected_by": select_by,
        "seed": seed,
        "asked": replicas,
        "null": null.to_dict(),
        "edge": None,
    }
    if edge is not None:
        typer.echo(f"null-sweep: looking for the drift that makes the best {edge:g}", err=True)
        drawn = planted(original.samples, edge, persistence or None, seed)
        power = _followed(repeat(edge=drawn), "with an edge", replicas)
        values["edge"] = {
            "sharpe": edge,
            "persistence": persistence,
            "planted": drawn.sharpe,
            **power.to_dict(),
        }
    answer(values, json, lambda: _page(values))
    facts = {name: value for name, value in values.items() if name != "experiment"}
    open_registry(root).record_null_sweep(original.experiment.id, facts)


def _check(
    replicas: int,
    edge: float | None,
    persistence: float,
    seed: int,
    minutes: float,
    workers: int,
) -> None:
    """Refuse numbers that make no sense; NaN fails each comparison."""
    rules = {
        "replicas": (replicas, replicas >= 1, "1 or more"),
        "edge": (edge, edge is None or 0 < edge < 100, "above 0 and below 100"),
        "persistence": (persistence, persistence == 0 or 1 <= persistence < 1e9, "0, or 1 or more"),
        "seed": (seed, seed >= 0, "0 or more"),
        "workers": (workers, 0 <= workers <= 1024, "0 to 1024"),
        "minutes": (minutes, minutes > 0, "above 0"),
    }
    for name, (value, kept, rule) in rules.items():
        if not kept:
            raise ValueError(f"--{name}: must be {rule}, got {value:g}")


def _followed(tallies: "Iterator[Tally]", what: str, asked: int) -> "Tally":
    """The last tally, with a line on stderr now and then."""
    begun = printed = monotonic()
    for tally in tallies:
        now = monotonic()
        if now - printed >= EVERY:
            printed, left = now, (now - begun) / tally.replicas * (asked - tally.replicas)
            done = f"{tally.replicas} of {asked} {what}, {tally.promoted} promoted"
            typer.echo(f"null-sweep: {done}; {left:.0f} s left", err=True)
    return tally


def _page(values: dict[str, Any]) -> RenderableType:
    null, edge = values["null"], values["edge"]
    limits = {name: "off" if limit is None else limit for name, limit in values["changed"].items()}
    changed = ", ".join(f"{name} {limit}" for name, limit in limits.items())
    lines = [
        f"{values['experiment']} repeated on bars without skill, {values['configurations']:,} "
        f"configurations each; selected by {values['selected_by']}, seed {values['seed']}.",
        f"Gate {values['gate']}" + (f", with {changed}." if changed else "."),
        f"Promoted by luck: {_rate(null)}.",
    ]
    if edge is not None:
        lines.append(f"Promoted where the best has a Sharpe of {edge['sharpe']:g}: {_rate(edge)}.")
    if min(part["replicas"] for part in (null, edge or null)) < values["asked"]:
        lines.append(f"Stopped by --minutes before all {values['asked']} were done.")
    return Group(*map(Text, lines), Text(), _checks(null, edge))


def _rate(part: dict[str, Any]) -> str:
    low, high = 100 * part["low"], 100 * part["high"]
    return (
        f"{part['promoted']} of {part['replicas']}, {100 * part['rate']:.1f} % "
        f"(95 % interval {low:.1f} to {high:.1f})"
    )


def _checks(null: dict[str, Any], edge: dict[str, Any] | None) -> RenderableType:
    """Rejections by each check, and how many of them by no other."""
    heads = ["check", "rejects luck", "only it"] + ["rejects the edge", "only it"] * bool(edge)
    table = listing(heads[0], *numbers(*heads[1:]))
    for name in {**null["rejected"], **(edge or null)["rejected"]}:
        parts = (null, edge) if edge else (null,)
        cells = [str(part[kind].get(name, 0)) for part in parts for kind in ("rejected", "alone")]
        table.add_row(name, *cells)
    return table
