"""Where everything of a store lies, and the rule that keeps every path inside it.

ROOT is a folder, or `s3://bucket/prefix`; both hold the same files.

ROOT/v1/<experiment id>/experiment.json
ROOT/v1/<experiment id>/blocks/000123.parquet     until compaction
ROOT/v1/<experiment id>/segments/000100.parquet   small blocks merged meanwhile, from this one on
ROOT/v1/<experiment id>/earlier/000000.parquet    runs of its plan that other experiments had made
ROOT/v1/<experiment id>/errors/000123.parquet     only for blocks in which something failed
ROOT/v1/<experiment id>/runs.parquet              after compaction (runs-2.parquet after the next)
ROOT/v1/<experiment id>/known.keys                of older checkouts: runs that it left out
ROOT/v1/<experiment id>/proposals/000/            points that its learning searches have proposed
ROOT/v1/<experiment id>/survivors/000/            points that went on from each rung of pruning
ROOT/ledger/000001.json                           the ledger's entries
ROOT/ledger/keys/<sha256>.keys                    the configurations that an entry counts
ROOT/registry.db                                  what people say of all this, unless in Postgres
ROOT/data/bars/<symbol>-<timeframe>.json          which file holds the bars of a symbol
ROOT/data/features/<name>.json                    the same for dated values
ROOT/data/files/<sha256>.parquet                  every version of those, by content
ROOT/data/pages/<sha256>/000123.json              a download under way
"""

import re
from collections.abc import Iterable
from pathlib import Path

from store.errors import BadName
from store.files.backend import AnyPlace, Place, Root, place

LAYOUT = "v1"
RECORD = "experiment.json"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_SYMBOL = re.compile(r"[A-Za-z0-9^][A-Za-z0-9._=^-]{0,62}")
_TIMEFRAME = re.compile(r"[1-9][0-9]{0,5}(s|m|h|d|w|mo)|irregular")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FILE = re.compile(
    r"(?:blocks|earlier|errors|segments)/\d{6,12}\.parquet|runs(?:-\d{1,6})?\.parquet"
)
_FOLDERS = ("blocks", "earlier", "errors", "segments", "proposals", "survivors")
"""Of an experiment."""

_KEPT = re.compile(r"known\.keys|(?:proposals|survivors)/\d{3}/\d{6,12}\.parquet")


def is_name(text: str) -> bool:
    """True when `text` may be the name of anything in the store."""
    return _NAME.fullmatch(text) is not None


def check_name(text: str, what: str) -> str:
    """Return `text`, or raise BadName; `what` starts the message."""
    if not is_name(text):
        raise BadName(
            f"{what}: a name is 1 to 63 of a-z, 0-9, _ and -, and starts with a letter or digit, "
            f"got {text[:80]!r}"
        )
    return text


def experiments_folder(root: Root) -> Place:
    """The folder of all experiments; it need not exist."""
    return place(root) / LAYOUT


def experiment_folder(root: Root, experiment_id: str) -> Place:
    """The folder of one experiment; neither it nor a folder in it may lead out of the store."""
    folder = inside(root, experiments_folder(root) / check_name(experiment_id, "experiment id"))
    if isinstance(folder, Path):
        for folder_or_archive in (folder / name for name in _FOLDERS):
            if folder_or_archive.is_symlink():  # far quicker to ask than to follow what is no link
                inside(root, folder_or_archive)
    return folder


def run_file(root: Root, experiment_id: str, name: str) -> Place:
    """A Parquet file of an experiment by its name in experiment.json, such as `runs.parquet`."""
    return run_files(root, experiment_id, [name])[0]


def run_files(root: Root, experiment_id: str, names: Iterable[str]) -> list[Place]:
    """Parquet files of an experiment by their names; its folder is looked at once for all."""
    folder = experiment_folder(root, experiment_id)
    paths = []
    for name in names:
        if _FILE.fullmatch(name) is None:
            raise BadName(
                f"{folder / RECORD}: files holds {name[:80]!r}, which is no file of an experiment; "
                "restore the record from a copy"
            )
        path = folder / name
        paths.append(
            inside(root, path) if not isinstance(path, Path) or path.is_symlink() else path
        )
    return paths


def known_file(root: Root, experiment_id: str) -> Place:
    """The hashes of the runs that an experiment of an older checkout left out."""
    return experiment_folder(root, experiment_id) / "known.keys"


def registry_file(root: Root) -> Place:
    """The SQLite file of the registry; it need not exist, and in a bucket it never does."""
    return inside(root, place(root) / "registry.db")


def proposals_folder(root: Root, experiment_id: str, cell: int) -> Place:
    """Where the rounds of one cell's learning search are kept; it need not exist."""
    return experiment_folder(root, experiment_id) / "proposals" / f"{cell:03d}"


def survivors_folder(root: Root, experiment_id: str, cell: int) -> Place:
    """Where it is kept which points of a cell survived each rung of pruning; it need not exist."""
    return experiment_folder(root, experiment_id) / "survivors" / f"{cell:03d}"


def kept_file(root: Root, experiment_id: str, name: str) -> Place | None:
    """A file without runs that a sweep needs to go on, by its name; None if it is no such name."""
    if _KEPT.fullmatch(name) is None:
        return None
    return inside(root, experiment_folder(root, experiment_id) / name)


def ledger_folder(root: Root) -> Place:
    """The folder of the ledger's entries; it need not exist."""
    return inside(root, place(root) / "ledger")


def ledger_keys_folder(root: Root) -> Place:
    """The folder of what the ledger's entries count; it need not exist."""
    return inside(root, ledger_folder(root) / "keys")


def ledger_outlines_folder(root: Root) -> Place:
    """The folder of the outlines of all bars that were swept; it need not exist."""
    return inside(root, ledger_folder(root) / "bars")


def data_folder(root: Path, kind: str) -> Path:
    """The folder of the records of `bars` or `features`; it need not exist."""
    return inside(root, root / "data" / check_name(kind, "kind of data"))


def bars_record(root: Path, symbol: str, timeframe: str) -> Path:
    """The record of the bars of a symbol; it need not exist."""
    if not (_SYMBOL.fullmatch(symbol) and _TIMEFRAME.fullmatch(timeframe)):
        raise BadName(
            f"bars: {symbol[:80]!r} of {timeframe[:20]!r} cannot be named; a symbol is 1 to 63 "
            "letters, digits and . _ = ^ -, a timeframe such as 15m"
        )
    return inside(root, data_folder(root, "bars") / f"{symbol}-{timeframe}.json")


def feature_record(root: Path, name: str) -> Path:
    """The record of a feature; it need not exist."""
    folder = data_folder(root, "features")
    return inside(root, folder / f"{check_name(name, 'feature')}.json")


def data_file(root: Path, sha256: str) -> Path:
    """The file of bars or of a feature that has these 64 hex digits as its SHA-256."""
    if not _SHA256.fullmatch(sha256):
        raise BadName(f"data: {sha256[:80]!r} is no SHA-256; state 64 hex digits")
    return inside(root, root / "data" / "files" / f"{sha256}.parquet")


def pages_folder(root: Path, request: str) -> Path:
    """Where the pages of a download are kept until it is done; `request` is a SHA-256."""
    if not _SHA256.fullmatch(request):
        raise BadName(f"data: {request[:80]!r} is no SHA-256; state 64 hex digits")
    return inside(root, root / "data" / "pages" / request)


def inside(root: Root, path: AnyPlace) -> AnyPlace:
    """`path` unchanged, when following its links ends inside `root`."""
    if _leads_out(root, path):
        raise BadName(f"{path}: leads out of the store {root}; remove the link")
    return path


def _leads_out(root: Root, path: Place) -> bool:
    """True when a link on the way ends elsewhere; a bucket has no links."""
    if not isinstance(path, Path):
        return False
    return not path.resolve().is_relative_to(Path(str(root)).resolve())
