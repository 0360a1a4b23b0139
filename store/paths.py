"""Where everything of a store lies, and the rule that keeps every path inside it.

ROOT is a folder, or `s3://bucket/prefix`; both hold the same files.

ROOT/v1/<experiment id>/experiment.json
ROOT/v1/<experiment id>/blocks/000123.parquet     until compaction
ROOT/v1/<experiment id>/errors/000123.parquet     only for blocks in which something failed
ROOT/v1/<experiment id>/runs.parquet              after compaction (runs-2.parquet after the next)
ROOT/v1/<experiment id>/known.keys                runs that other experiments had when it started
ROOT/v1/<experiment id>/proposals/000/            points that its learning searches have proposed
ROOT/v1/<experiment id>/survivors/000/            points that went on from each rung of pruning
ROOT/ledger/000001.json                           the ledger's entries
ROOT/ledger/keys/<sha256>.keys                    the configurations that an entry counts
ROOT/registry.db                                  what people say of all this, unless in Postgres
"""

import re
from pathlib import Path

from store.errors import BadName
from store.places import AnyPlace, Place, Root, place

LAYOUT = "v1"
RECORD = "experiment.json"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_FILE = re.compile(r"(?:blocks|errors)/\d{6,12}\.parquet|runs(?:-\d{1,6})?\.parquet")


def is_name(text: str) -> bool:
    """Whether `text` may be the name of anything in the store."""
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
    """The folder of one experiment; it need not exist, but may not lead out of the store."""
    folder = experiments_folder(root) / check_name(experiment_id, "experiment id")
    return inside(root, folder)


def run_file(root: Root, experiment_id: str, name: str) -> Place:
    """A Parquet file of an experiment by its name in experiment.json, such as `runs.parquet`."""
    folder = experiment_folder(root, experiment_id)
    if _FILE.fullmatch(name) is None:
        raise BadName(
            f"{folder / RECORD}: files holds {name[:80]!r}, which is no file of an experiment; "
            "restore the record from a copy"
        )
    return inside(root, folder / name)


def known_file(root: Root, experiment_id: str) -> Place:
    """The hashes of the runs that an experiment leaves out; it need not exist."""
    return experiment_folder(root, experiment_id) / "known.keys"


def registry_file(root: Root) -> Place:
    """The SQLite file of the registry; it need not exist, and in a bucket it never does."""
    return place(root) / "registry.db"


def proposals_folder(root: Root, experiment_id: str, cell: int) -> Place:
    """Where the rounds of one cell's learning search are kept; it need not exist."""
    return experiment_folder(root, experiment_id) / "proposals" / f"{cell:03d}"


def survivors_folder(root: Root, experiment_id: str, cell: int) -> Place:
    """Where it is kept which points of a cell survived each rung of pruning; it need not exist."""
    return experiment_folder(root, experiment_id) / "survivors" / f"{cell:03d}"


def ledger_folder(root: Root) -> Place:
    """The folder of the ledger's entries; it need not exist."""
    return place(root) / "ledger"


def ledger_keys_folder(root: Root) -> Place:
    """The folder of what the ledger's entries count; it need not exist."""
    return ledger_folder(root) / "keys"


def inside(root: Root, path: AnyPlace) -> AnyPlace:
    """`path` unchanged, when following its links ends inside `root`."""
    if _leads_out(root, path):
        raise BadName(f"{path}: leads out of the store {root}; remove the link")
    return path


def _leads_out(root: Root, path: Place) -> bool:
    """Whether a link on the way ends elsewhere; a bucket has no links."""
    if not isinstance(path, Path):
        return False
    return not path.resolve().is_relative_to(Path(str(root)).resolve())
