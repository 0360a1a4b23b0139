"""The command line of promotion: `python -m promote --help`.

Exit codes: 0 done; 2 bad input, with one line on stderr; 3 the gate or a verification said no.
"""

import typer

from promote.cli import (
    actual_impact,
    apply,
    approve,
    check,
    compare,
    diff,
    keygen,
    list,
    log,
    null_sweep,
    rebase,
    repair,
    rollback,
    show,
    verify,
)
from store.cli.app import OneLineErrors
from store.cli.options import Modules


class Refusing(OneLineErrors):
    """Ends a verb that refuses its input, a limit as well as a REF, with one line and exit 2."""

    refusal = ValueError


app = typer.Typer(
    cls=Refusing,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Judge what sweeps have found, and promote what passes. REF is an experiment id, ID/42, "
    "ID/best, latest, latest/best, a name such as demo or demo/best, or 6 or more hex digits of a "
    "config hash. PROFILE is the name of a profile, or NAME/v3 for one version of it.",
)


@app.callback()
def trusted(module: Modules = None) -> None:
    """Name the modules of one's own that stored records may have imported."""
    if module:
        from store.replay.trusted import trust

        trust(module)


app.command()(check.check)
app.command()(apply.apply)
app.command()(approve.approve)
app.command("list")(list.list_profiles)
app.command()(show.show)
app.command()(diff.diff)
app.command()(log.log)
app.command()(rollback.rollback)
app.command()(rebase.rebase)
app.command("actual-impact")(actual_impact.actual_impact)
app.command()(verify.verify)
app.command()(repair.repair)
app.command()(compare.compare)
app.command()(keygen.keygen)
app.command("null-sweep")(null_sweep.null_sweep)
