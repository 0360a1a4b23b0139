"""The verb `list`: which experiments there are."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer

if TYPE_CHECKING:
    from store.query.experiment_search import Wanted


def list_experiments(
    symbol: Annotated[str | None, typer.Option(help="Only those on this symbol.")] = None,
    strategy: Annotated[str | None, typer.Option(help="Only those of this strategy.")] = None,
    tag: Annotated[str | None, typer.Option(help="Only those with this tag.")] = None,
    since: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="From this day on, UTC."),
    ] = None,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="DATE", help="Up to this day, UTC."),
    ] = None,
    status: Annotated[
        str | None, typer.Option(help="Only running, done, interrupted or failed ones.")
    ] = None,
    limit: Annotated[int | None, typer.Option(min=1, help="At most so many.")] = None,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Experiments, newest first."""
    from dataclasses import asdict

    from store.files.backend import place
    from store.query.experiment_search import Wanted, experiments
    from store.terminal.experiment_listing import experiments_listing

    wanted = Wanted(
        symbol=symbol,
        strategy=strategy,
        tag=tag,
        since=since and since.date(),
        until=until and until.date(),
        status=status,
        limit=limit,
    )
    listed = experiments(place(root), wanted)  # without what runs need: DuckDB, pandas, pyarrow
    answer(
        [asdict(experiment) for experiment in listed],
        json,
        lambda: experiments_listing(listed, _none(wanted)),
    )


def _none(wanted: "Wanted") -> str:
    """The sentence for when no experiment is as wanted."""
    conditions = {
        "on the symbol": wanted.symbol,
        "of the strategy": wanted.strategy,
        "with the tag": wanted.tag,
        "from": wanted.since,
        "up to": wanted.until,
        "with the status": wanted.status,
    }
    asked = [f"{words} {value}" for words, value in conditions.items() if value is not None]
    return " ".join(["no experiment", *asked]) if asked else "There is no experiment yet."
