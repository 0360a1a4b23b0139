"""The verb `ingest`: data in, one command per source."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from store.cli.options import RESULTS, Json, Root, answer
from store.errors import StoreError
from store.terminal.ingest_options import in_options

if TYPE_CHECKING:
    from store.data.features.feature_store import KeptFeature
    from store.data.ingest import Ingested

app = typer.Typer(
    no_args_is_help=True,
    help="Get data in: checked, kept as Parquet under the store, and swept with data=stored. The "
    "same command again adds what is new; bars that are kept never change without --replace.",
)

NAMED = 8
"""Series that the command which sweeps over them names; of more it takes all that are kept."""

Symbols = Annotated[
    list[str] | None, typer.Option("--symbol", "-s", help="Only this one; may be repeated.")
]
Timeframe = Annotated[
    str, typer.Option("--timeframe", "-t", help="Length of a bar: 15m, 4h, 1d, 1w, 1mo, irregular.")
]
Calendar = Annotated[
    str | None,
    typer.Option(help="24/7 or an exchange (XNYS, XLON); 24/7 for bars on a Saturday, else XNYS."),
]
Start = Annotated[str | None, typer.Option(help="ISO date of the first bar, included.")]
End = Annotated[str | None, typer.Option(help="ISO date of the last bar, included.")]
Since = Annotated[
    str | None,
    typer.Option("--start", help="ISO date of the first bar; goes on after what is kept without."),
]
Stamp = Annotated[str, typer.Option(help="start or end: which end of a bar its time is.")]
Adjusted = Annotated[
    bool, typer.Option("--adjusted", help="Scale the prices by the column of adjusted closes.")
]
Csv = Annotated[
    list[str] | None,
    typer.Option(
        "--csv",
        help="How the files are written, NAME=VALUE as data.csv.NAME: decimal=comma; may be "
        "repeated.",
    ),
]
Replace = Annotated[
    bool, typer.Option("--replace", help="Keep the new data only, whatever is kept.")
]
Name = Annotated[str, typer.Option(help="What the feature is called: a-z, 0-9, _ and -.")]
Delay = Annotated[
    str | None, typer.Option(help="How long after its time a value is known: 15m, 1d.")
]


@app.command()
def csv(
    path: Annotated[Path, typer.Argument(help="A file, or a folder with SYMBOL.csv.")],
    symbol: Symbols = None,
    timeframe: Timeframe = "1d",
    calendar: Calendar = None,
    start: Start = None,
    end: End = None,
    stamp: Stamp = "start",
    adjusted: Adjusted = False,
    csv: Csv = None,
    replace: Replace = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Bars in CSV files, packed with gzip or not."""
    keys = _file_keys(path, calendar, start, end, adjusted)
    with _plain_errors():
        from store.data.text.csv_options import parse_pairs

        keys |= {"csv": parse_pairs(csv or ())}
    _source("csv", symbol, timeframe, keys, stamp, replace, root, json)


@app.command()
def parquet(
    path: Annotated[Path, typer.Argument(help="A file, or a folder with SYMBOL.parquet.")],
    symbol: Symbols = None,
    timeframe: Timeframe = "1d",
    calendar: Calendar = None,
    start: Start = None,
    end: End = None,
    stamp: Stamp = "start",
    adjusted: Adjusted = False,
    replace: Replace = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Bars in Parquet files."""
    keys = _file_keys(path, calendar, start, end, adjusted)
    _source("parquet", symbol, timeframe, keys, stamp, replace, root, json)


@app.command()
def synthetic(
    kind: Annotated[
        list[str] | None,
        typer.Option(help="trend, mean_reversion, regime or garch; may be repeated."),
    ] = None,
    bars: Annotated[int, typer.Option(help="How many.")] = 5000,
    seed: Annotated[int, typer.Option(help="The same seed gives the same bars.")] = 0,
    timeframe: Timeframe = "1d",
    calendar: Calendar = None,
    start: Start = None,
    replace: Replace = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Made-up bars with a known character, labelled so."""
    keys = {"kind": kind, "bars": bars, "seed": seed, "calendar": calendar, "start": start}
    _source("synthetic", None, timeframe, keys, "start", replace, root, json)


@app.command()
def ccxt(
    exchange: Annotated[str, typer.Argument(help="As ccxt names it: binance, kraken.")],
    market: Annotated[list[str], typer.Argument(help="As ccxt names them: BTC/USDT ETH/USDT.")],
    timeframe: Timeframe = "1d",
    start: Since = None,
    end: End = None,
    api: Annotated[
        str | None, typer.Option(help="Scheme and host of a mirror of the exchange's API.")
    ] = None,
    replace: Replace = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Candles of a crypto exchange, public and without a key (needs the package ccxt)."""
    with _plain_errors():
        from store.data.ingest_sources import ingest_ccxt

        done = ingest_ccxt(
            root, exchange, market, timeframe, start=start, end=end, address=api, replacing=replace
        )
    _tell(done, root, json)


@app.command()
def yfinance(
    symbol: Annotated[list[str], typer.Argument(help="As Yahoo has them: AAPL ^GSPC BTC-USD.")],
    timeframe: Timeframe = "1d",
    calendar: Annotated[str | None, typer.Option(help="Instead of the one Yahoo names.")] = None,
    start: Since = None,
    end: End = None,
    adjusted: Adjusted = False,
    replace: Replace = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Bars of Yahoo Finance (needs the package yfinance)."""
    with _plain_errors():
        from store.data.ingest_sources import ingest_yfinance

        done = ingest_yfinance(
            root,
            symbol,
            timeframe,
            start=start,
            end=end,
            adjusted=adjusted,
            calendar=calendar,
            replacing=replace,
        )
    _tell(done, root, json)


@app.command()
def rss(
    feed: Annotated[list[str], typer.Argument(help="Files or addresses of RSS or Atom feeds.")],
    name: Name = "sentiment",
    about: Annotated[
        list[str] | None, typer.Option(help="Only items with this word; may be repeated.")
    ] = None,
    delay: Delay = None,
    replace: Replace = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """News items as dated sentiment, -1 to +1 (needs feedparser and vadersentiment)."""
    with _plain_errors():
        from store.data.ingest_sources import ingest_rss

        done = ingest_rss(root, name, feed, about=about or (), delay=delay, replacing=replace)
    _tell_feature(done, root, json)


@app.command()
def feature(
    file: Annotated[Path, typer.Argument(help="A CSV or Parquet file with one time column.")],
    name: Name,
    rule: Annotated[
        str, typer.Option(help="level: a value holds until the next; event: only at its bar.")
    ] = "level",
    column: Annotated[
        str | None, typer.Option(help="Which column, when there are several.")
    ] = None,
    delay: Delay = None,
    replace: Replace = False,
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Dated values of any kind, on-chain activity say, for bars to join."""
    with _plain_errors():
        from store.data.ingest_sources import ingest_feature

        done = ingest_feature(root, name, file, rule, column=column, delay=delay, replacing=replace)
    _tell_feature(done, root, json)


@app.command("list")
def list_kept(root: Root = RESULTS, json: Json = False) -> None:
    """All bars and features that are kept."""
    from dataclasses import asdict

    from store.data import bar_store
    from store.terminal.ingested import kept_page

    bars, features = bar_store.records(root, "bars"), bar_store.records(root, "features")
    rows = {"bars": list(map(asdict, bars)), "features": list(map(asdict, features))}
    answer(rows, json, lambda: kept_page(bars, features))


def _file_keys(
    path: Path, calendar: str | None, start: str | None, end: str | None, adjusted: bool
) -> dict[str, object]:
    keys = {"path": str(path), "calendar": calendar, "start": start, "end": end}
    return keys | {"adjusted": adjusted}


def _source(
    source: str,
    symbols: list[str] | None,
    timeframe: str,
    keys: dict[str, Any],
    stamp: str,
    replace: bool,
    root: Path,
    json: bool,
) -> None:
    """Ingest what the config group `data` could load as well."""
    with _plain_errors():
        from store.data.ingest_sources import ingest_source
        from store.data.spec import DataSpec

        config = {"source": source, "symbols": symbols, "timeframe": timeframe, **keys}
        spec = DataSpec.from_config(config)
        done = ingest_source(root, spec, stamp=stamp, replacing=replace)
    _tell(done, root, json)


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Bad input of any kind as the one line and exit code of a StoreError."""
    try:
        yield
    except StoreError as error:
        raise type(error)(_in_options(str(error))) from error
    except ValueError as error:
        raise StoreError(_in_options(str(error))) from error


def _in_options(text: str) -> str:
    """A message in the words of this command."""
    from store.data.text.csv_options import CsvOptions

    return in_options(text, frozenset(field.name for field in fields(CsvOptions)))


def _tell(done: "Sequence[Ingested]", root: Path, json: bool) -> None:
    from store.terminal.ingested import ingested_page

    done = [replace(ingested, notes=tuple(map(_in_options, ingested.notes))) for ingested in done]
    rows = [ingested.row() for ingested in done]
    shown = [row | {"sweep": _sweep_of([row], root)} for row in rows]
    answer(shown, json, lambda: ingested_page(done))
    if not json and rows:
        _advise("To sweep over them:", _sweep_of(rows, root))


def _sweep_of(rows: "Sequence[dict[str, Any]]", root: Path) -> str:
    """The command that sweeps over all of some series, which have one timeframe."""
    from store.commands import sweep_of_bars
    from store.data import bar_store

    timeframe = rows[0]["timeframe"]
    symbols = [row["symbol"] for row in rows]
    there = (record.about for record in bar_store.records(root, "bars"))
    every = {about["symbol"] for about in there if about["timeframe"] == timeframe}
    all_of_several = len(symbols) > 1 and (len(symbols) > NAMED or set(symbols) == every)
    return sweep_of_bars([] if all_of_several else symbols, timeframe, root)


def _tell_feature(done: "KeptFeature", root: Path, json: bool) -> None:
    from store.commands import sweep_with_feature
    from store.terminal.ingested import feature_page

    command = sweep_with_feature(done.record.name, root)
    answer(done.row() | {"sweep": command}, json, lambda: feature_page(done))
    if not json:
        _advise("To have it as a column of kept bars:", command)


def _advise(words: str, command: str) -> None:
    """A command to copy, hence on a line of its own however long it is."""
    typer.echo(f"{words}\n{command}")
