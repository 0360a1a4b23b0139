"""The command line of operation: `python -m operate --help`.

Exit codes: 0 done; 1 a fault of the machine; 2 bad input, with one line on stderr; 3 a monitor or
task failed, a prefix is broken, a target is refused, or an advance was.
"""

import typer

from operate.cli import (
    challenger,
    cycle,
    events,
    gap,
    intake,
    monitors,
    notify,
    null_rollout,
    rollout,
    shadow,
    target,
    tasks,
)
from promote.cli.app import Refusing

app = typer.Typer(
    cls=Refusing,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Operate what was promoted and approved: shadow it, watch it, roll it out, improve it. "
    "PROFILE is the name of a profile.",
)

app.command()(shadow.shadow)
app.command()(target.target)
app.command()(intake.intake)
app.command()(monitors.monitors)
app.command()(gap.gap)
app.add_typer(rollout.app, name="rollout")
app.command("null-rollout")(null_rollout.null_rollout)
app.add_typer(challenger.app, name="challenger")
app.command()(cycle.cycle)
app.add_typer(tasks.app, name="tasks")
app.command("run-due")(tasks.run_due)
app.command()(tasks.daemon)
app.command()(notify.notify)
app.command()(events.events)
