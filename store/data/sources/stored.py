"""Bars that `python -m store ingest` has kept: by symbol and timeframe, with features if asked.

`data.path` is the root of the store. `data.resample_from` makes the bars from a shorter timeframe
that was ingested. What was read is recorded as `data.versions`, so an experiment can be run again
on the very same bars after more were ingested.
"""

from collections.abc import Mapping
from pathlib import Path

from store.data import bar_store
from store.data.calendars.timeframe import timeframe as spelt
from store.data.features.requested import features_of, with_features
from store.data.resample import resample
from store.data.source_table import Table
from store.data.spec import DataSpec, choose
from store.files.backend import default_root

OPTIONS = ("path", "features", "resample_from", "versions")


def load(spec: DataSpec) -> dict[str, Table]:
    """Load the symbols of a spec; none wanted is all that have bars of the timeframe."""
    root = bar_store.require_folder(spec.path or default_root())
    timeframe = spelt(str(spec.options.get("resample_from") or spec.timeframe))
    by_symbol = {
        record.about["symbol"]: record for record in _records(root, timeframe, spec.symbols)
    }
    chosen = choose(spec.symbols, by_symbol, f"{root}, with {timeframe} bars,")
    return {symbol: _table(root, by_symbol[symbol], timeframe, spec) for symbol in chosen}


def _records(root: Path, timeframe: str, symbols: tuple[str, ...]) -> list[bar_store.Record]:
    """Records of a timeframe; ValueError where there are none, or only of other timeframes."""
    there = bar_store.records(root, "bars")
    if not there:
        raise ValueError(
            f"data.path: no bars in the store {root}; python -m store ingest --help says how to "
            "get some in"
        )
    fitting = [record for record in there if spelt(record.about["timeframe"]) == timeframe]
    have = {record.about["symbol"] for record in fitting}
    for record in there:
        symbol, other = record.about["symbol"], record.about["timeframe"]
        if symbol not in have and (symbol in symbols or not (symbols or have)):
            raise ValueError(
                f"data.timeframe: {root} has no {timeframe} bars of {symbol}, but {other} ones; "
                f"set data.resample_from={other}, or data.timeframe={other}"
            )
    return fitting


def _table(root: Path, record: bar_store.Record, timeframe: str, spec: DataSpec) -> Table:
    versions = _versions(spec.options.get("versions"))
    bars = versions.get(record.name, record.file)
    frame = bar_store.read(root, bars, record.name)
    calendar = spec.calendar or record.about["calendar"]
    what = f"{record.name} of {root}"
    if timeframe != spec.timeframe:
        frame = resample(frame, timeframe, spec.timeframe, calendar, what).frame
    wanted = features_of(spec.options.get("features"))
    frame, read = with_features(frame, wanted, root, versions, calendar, spec.timeframe)
    return Table(what, frame, calendar, {"versions": {record.name: bars} | read})


def _versions(option: object) -> dict[str, str]:
    """SHA-256 by name of a series, from the key `data.versions`."""
    if option is None:
        return {}
    if not isinstance(option, Mapping):
        raise ValueError(f"data.versions: need NAME: SHA-256 pairs or null, got {option!r}")
    return {str(name): str(sha256) for name, sha256 in option.items()}
