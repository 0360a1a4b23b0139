"""The command line of the store: `python -m store --help`.

Every verb takes `--root` and `--json`. Exit codes: 0 done; 1 a full disk or another
fault of the machine; 2 bad input, with one line on stderr; 3 a verification that found something
wrong.
"""

import warnings
from typing import Any

import typer
from typer.core import TyperGroup

from store.cli import (
    compare,
    delete,
    equity,
    errors,
    export,
    from_scoring_config,
    ingest,
    ledger,
    list,
    luck,
    migrate,
    note,
    publish,
    regimes,
    report,
    search,
    show,
    sql,
    strategies,
    summary,
    tag,
    take_in,
    tearsheet,
    top,
    trades,
    verify,
)
from store.cli.options import Modules
from store.errors import AlsoNamed, StoreError
from store.files import machine_errors
from store.files.foreign_text import shown


class OneLineErrors(TyperGroup):
    """Ends a verb that refuses what it was given with its one line and exit code 2."""

    refusal: type[ValueError] = StoreError
    """What is raised then."""

    def invoke(self, ctx: Any) -> object:
        """Run the verb; what a REF could have meant besides is a note."""
        try:
            with warnings.catch_warnings():
                warnings.showwarning = _note  # type: ignore[assignment]
                warnings.simplefilter("always", AlsoNamed)
                return super().invoke(ctx)
        except self.refusal as error:
            typer.echo(shown(str(error)), err=True)
            raise typer.Exit(2) from error
        except BrokenPipeError:
            raise  # the reader of a pipe has seen enough; typer knows
        except Exception as error:
            if not (isinstance(error, machine_errors.REFUSALS) or machine_errors.is_memory(error)):
                raise
            typer.echo(shown(machine_errors.line(error)), err=True)
            raise typer.Exit(machine_errors.exit_code(error)) from error


def _note(message: Warning | str, *_: object) -> None:
    typer.echo(f"Note: {message}", err=True)


app = typer.Typer(
    cls=OneLineErrors,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Look at what sweeps have found. REF is an experiment id, ID/42, ID/best, latest, "
    "latest/best, a name such as demo or demo/best, or 6 or more hex digits of a config hash.",
)


@app.callback()
def trusted(module: Modules = None) -> None:
    """Name the modules of one's own that stored records may have imported."""
    if module:
        from store.replay.trusted import trust

        trust(module)


app.command()(top.top)
app.command("list")(list.list_experiments)
app.command()(summary.summary)
app.command()(luck.luck)
app.command()(show.show)
app.command()(trades.trades)
app.command()(equity.equity)
app.command()(regimes.regimes)
app.command()(compare.compare)
app.command()(errors.errors)
app.command()(sql.sql)
app.command()(search.search)
app.command()(tag.tag)
app.command()(note.note)
app.command()(report.report)
app.command()(tearsheet.tearsheet)
app.command()(publish.publish)
app.command()(export.export)
app.command("import")(take_in.take_in)
app.add_typer(ingest.app, name="ingest")
app.command("from-scoring-config")(from_scoring_config.from_scoring_config)
app.command()(delete.delete)
app.command()(ledger.ledger)
app.command()(migrate.migrate)
app.command()(strategies.strategies)
app.command()(verify.verify)
