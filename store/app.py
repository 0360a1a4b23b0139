"""The command line of the store: `python -m store --help`.

Every verb takes `--root` and `--json`. Exit codes: 0 done; 2 bad input, with one line on stderr; 3
a verification that found something wrong.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console, RenderableType
from typer.core import TyperGroup

from store.errors import StoreError
from store.verbs import ingest

if TYPE_CHECKING:
    from store.results import Results


class OneLineErrors(TyperGroup):
    """Ends a verb that the store refuses with its one line and exit code 2."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb."""
        try:
            return super().invoke(ctx)
        except StoreError as error:
            typer.echo(str(error), err=True)
            raise typer.Exit(2) from error


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Look at what sweeps have found. REF is an experiment id, ID/42, ID/best, latest, "
    "latest/best, or 6 or more hex digits of a config hash.",
)

app.add_typer(ingest.app, name="ingest")

Root = Annotated[Path, typer.Option("--root", envvar="SWEEPER_ROOT", help="Folder of the store.")]
Json = Annotated[
    bool,
    typer.Option(
        "--json", help='Print JSON: fractions, not percent; NaN as null, infinity as "inf".'
    ),
]
Experiment = Annotated[str, typer.Argument(metavar="[REF]", help="An experiment.")]


@app.command()
def top(
    metric: Annotated[str, typer.Argument(help="Any metric, such as sharpe or max_drawdown.")],
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many runs.")] = 10,
    experiment: Annotated[
        str | None, typer.Option(metavar="REF", help="Only this experiment; otherwise all.")
    ] = None,
    strategy: Annotated[str | None, typer.Option(help="Only this strategy.")] = None,
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    window: Annotated[
        str | None, typer.Option(help="Only this window; test windows only so.")
    ] = None,
    root: Root = Path("results"),
    json: Json = False,
) -> None:
    """The best runs by a metric (lowest first for volatility, max_drawdown and the like)."""
    from store.leaderboard import RunTable
    from store.rows import run_dicts

    found = _open(root).top(metric, n, experiment, strategy=strategy, symbol=symbol, window=window)
    rows = run_dicts(found)
    _print(rows, json, lambda: RunTable(rows, metric))


@app.command("list")
def list_experiments(root: Root = Path("results"), json: Json = False) -> None:
    """All experiments, newest first."""
    from dataclasses import asdict

    from store.tables import experiments_listing

    found = _open(root).experiments()
    _print([asdict(one) for one in found], json, lambda: experiments_listing(found))


@app.command()
def summary(ref: Experiment = "latest", root: Root = Path("results"), json: Json = False) -> None:
    """An experiment in numbers: counts, distributions, best run, baseline."""
    from store.tables import summary_tables

    results = _open(root)
    found = results.summary(ref)
    record = results.resolve(ref).experiment
    _print(found, json, lambda: summary_tables(found, record))


@app.command()
def show(
    ref: Annotated[str, typer.Argument(metavar="REF", help="An experiment or a run.")],
    root: Root = Path("results"),
    json: Json = False,
) -> None:
    """All that is known of an experiment or of one run."""
    from store.tables import experiment_page, run_page

    results = _open(root)
    resolved = results.resolve(ref)
    found = results.show(str(resolved))
    page: Callable[[], RenderableType] = (
        (lambda: experiment_page(resolved.experiment, found))
        if resolved.run is None
        else (lambda: run_page(found))
    )
    _print(found, json, page)


@app.command()
def errors(
    ref: Experiment = "latest",
    n: Annotated[int, typer.Option("--n", "-n", min=1, help="How many to show.")] = 10,
    root: Root = Path("results"),
    json: Json = False,
) -> None:
    """Configurations that failed, each with its error; --json has the tracebacks."""
    from store.tables import errors_table

    found = _open(root).errors(ref).drop_columns(["config_hash", "tried"]).to_pylist()
    _print(found if json else found[:n], json, lambda: errors_table(found, n))


@app.command()
def ledger(
    symbol: Annotated[str | None, typer.Option(help="Only this symbol.")] = None,
    strategy: Annotated[str | None, typer.Option(help="Only this strategy.")] = None,
    verify: Annotated[
        bool, typer.Option("--verify", help="Compare with the runs; exit 3 if something is wrong.")
    ] = False,
    root: Root = Path("results"),
    json: Json = False,
) -> None:
    """How many configurations were ever tried, by strategy, symbol and data."""
    from store import audit
    from store import ledger as book
    from store.tables import faults_page, ledger_table

    if verify:
        faults = audit.verify(root)
        _print({"faults": faults}, json, lambda: faults_page(faults))
        raise typer.Exit(3 if faults else 0)
    rows = book.rows(root, symbol=symbol, strategy=strategy)
    _print(rows, json, lambda: ledger_table(rows))


@app.command()
def report(
    ref: Annotated[
        str, typer.Argument(metavar="[REF]", help="An experiment, or a run to draw instead.")
    ] = "latest",
    out: Annotated[
        Path | None, typer.Option(help="The page; reports/<experiment id>.html if left out.")
    ] = None,
    root: Root = Path("results"),
) -> None:
    """Write one self-contained HTML page about an experiment."""
    from store.report import write_report  # late: Plotly and Jinja take a second

    typer.echo(write_report(root, ref, out))


def _open(root: Path) -> "Results":
    # Imported late, as are the tables: pyarrow and duckdb take half a second that --help and
    # completion should not.
    from store.results import Results

    return Results(root)


def _print(value: Any, as_json: bool, page: Callable[[], RenderableType]) -> None:
    from store.rows import to_json

    if as_json:
        typer.echo(to_json(value))
    else:
        Console().print(page())
