"""Places of operation in a store.

ROOT/operate/<profile>/v3/shadow.json             the shadow of a version: names the next two
ROOT/operate/<profile>/v3/<sha256>.parquet        its bars with equity; its trades
ROOT/operate/<profile>/v3/promise.json            the mean return that a live run is held to
ROOT/operate/<profile>/live/<kind>/<sha256>.parquet   live records: fills, equity, predictions
ROOT/operate/logs/improvement_cycle_<date>.log    lines of the cycle
ROOT/operate/proposals/<profile>-<id>.md          proposals of the cycle
ROOT/targets/<profile>.json                       the decision that a bot reads
"""

from pathlib import Path

from store.files.paths import check_name, inside


def operate_folder(root: Path) -> Path:
    """The folder of everything that operation keeps, targets apart."""
    return inside(root, root / "operate")


def profile_folder(root: Path, profile: str) -> Path:
    """The folder of one profile; it need not exist."""
    return inside(root, operate_folder(root) / check_name(profile, "profile"))


def version_folder(root: Path, profile: str, version: int) -> Path:
    """The folder of one version of a profile; it need not exist."""
    return inside(root, profile_folder(root, profile) / f"v{version}")


def live_folder(root: Path, profile: str, kind: str) -> Path:
    """The folder of one kind of live records: fills, equity or predictions."""
    return inside(root, profile_folder(root, profile) / "live" / check_name(kind, "records"))


def target_file(root: Path, profile: str) -> Path:
    """The target of a profile; it need not exist."""
    return inside(root, root / "targets" / f"{check_name(profile, 'profile')}.json")


def proposals_folder(root: Path) -> Path:
    """The folder of the cycle's proposals; it need not exist."""
    return inside(root, operate_folder(root) / "proposals")


def log_file(root: Path, day: str) -> Path:
    """The log of the cycles of one day, `20260131`."""
    return inside(root, operate_folder(root) / "logs" / f"improvement_cycle_{day}.log")
