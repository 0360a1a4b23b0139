"""Options that the verbs that judge share, and the gate these ask for."""

import math
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from promote.gate.preset import Preset

Ref = Annotated[
    str,
    typer.Argument(metavar="REF", help="An experiment, of which one run is selected, or a run."),
]
Gate = Annotated[
    str, typer.Option("--gate", help="A preset of conf/gate, or the path of a .yaml file.")
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="CHECK=LIMIT", help="Another limit; CHECK=off takes it out."),
]
MinSharpe = Annotated[float | None, typer.Option(help="As --set min_sharpe=..., a year.")]
MaxDrawdown = Annotated[float | None, typer.Option(help="As --set max_drawdown=..., a fraction.")]
MinTrades = Annotated[int | None, typer.Option(help="As --set min_trades=...")]
SelectBy = Annotated[
    str,
    typer.Option(
        help="How one run of an experiment is selected: plateau, sharpe, annual_return, sortino "
        "or calmar."
    ),
]
Benchmark = Annotated[
    str,
    typer.Option(help="What the sweep has to beat: cash, buy-and-hold, defaults, or a run's REF."),
]
Baseline = Annotated[
    str | None,
    typer.Option(help="What it has to improve on: defaults, buy-and-hold, or a run's REF."),
]
AllowDirty = Annotated[
    bool, typer.Option("--allow-dirty", help="Code that is in no commit only warns.")
]
Permutations = Annotated[
    int,
    typer.Option(min=0, help="Sweeps of shuffled bars to compare with, 19 or more; takes long."),
]


def preset_of(
    name: str, settings: Iterable[str] | None, named: Mapping[str, float | None]
) -> "Preset":
    """A preset with the limits that the command line sets.

    Args:
        name: of the preset.
        settings: of `--set`, each `CHECK=LIMIT` or `CHECK=off`.
        named: limits that have an option of their own; None where it is not given.

    Raises:
        ValueError: no such preset or check, or no number.
    """
    from promote.gate import preset

    limits = {check: limit for check, limit in named.items() if limit is not None}
    return preset.load(name).change({**limits, **dict(map(_setting, settings or ()))})


def _setting(text: str) -> tuple[str, float | None]:
    """The check and the limit of one `--set`."""
    check, _, limit = text.partition("=")
    if limit == "off":
        return check, None
    try:
        value = float(limit)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise ValueError(f"--set {text[:60]}: needs CHECK=LIMIT with a number, or CHECK=off")
    return check, value
