"""Where profiles lie, and how commands name them.

PROFILES/<name>/v3.yaml              the profile; never changed
PROFILES/<name>/v3.report.json       what the gate said of it; the same .html and .md
PROFILES/<name>/v3.approval.yaml     who approved of it; not there until somebody has
PROFILES/<name>/current              the file name of the version in force: `v3.yaml`
PROFILES/STRATEGY_LOG.md             what was changed, why and with what effect
PROFILES/_audit/000001.json          everything that was done, chained; 000001.sig signs it
PROFILES/_journal.json               only while something is being written, or after a crash

A name never starts with `_`, so none of these is a profile's. Commands name a version `NAME/v3`;
`NAME` alone is the current one.
"""

import difflib
import re
from pathlib import Path

from promote.commands import profiles_line
from promote.profiles.profile import Profile, from_yaml
from store.errors import DamagedFile, UnknownReference
from store.files.paths import check_name, inside, is_name

CURRENT = "current"
LOG = "STRATEGY_LOG.md"

_VERSION = re.compile(r"v([1-9]\d{0,8})")


def relative(name: str, file: str) -> str:
    """The path of a profile's file from PROFILES on."""
    return f"{check_name(name, 'profile')}/{file}"


def profile_path(profiles: Path, name: str, file: str) -> Path:
    """A profile's file; it need not exist, but may not lead out of `profiles`."""
    return inside(profiles, profiles / relative(name, file))


def audit_folder(profiles: Path) -> Path:
    """The folder of the audit's entries; it need not exist."""
    return profiles / "_audit"


def names(profiles: Path) -> list[str]:
    """Names of all profiles, sorted; none when nothing was promoted yet."""
    if not profiles.is_dir():
        return []
    return sorted(path.name for path in profiles.iterdir() if is_name(path.name) and path.is_dir())


def versions(profiles: Path, name: str) -> list[int]:
    """Versions of a profile that have a file, ascending."""
    folder = profile_path(profiles, name, "")
    if not folder.is_dir():
        return []
    matches = (_VERSION.fullmatch(path.stem) for path in folder.glob("v*.yaml"))
    return sorted(int(match[1]) for match in matches if match)


def current(profiles: Path, name: str) -> int | None:
    """The version in force; None when there is no such profile.

    Raises:
        DamagedFile: the pointer names none.
    """
    path = profile_path(profiles, name, CURRENT)
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    match = _VERSION.fullmatch(text.strip().removesuffix(".yaml"))
    if match is None:
        raise DamagedFile(f"{path}: names no version, got {text[:40]!r}; restore it from a copy")
    return int(match[1])


def load(profiles: Path, name: str, version: int) -> Profile:
    """One version of a profile.

    Raises:
        UnknownReference: there is none.
        DamagedFile: the file is not what was written, or is that of another version.
    """
    path = profile_path(profiles, name, f"v{version}.yaml")
    try:
        text = path.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        stored = ", ".join(f"v{number}" for number in versions(profiles, name)) or "none"
        raise UnknownReference(f"{name}/v{version}: there is no such version; {stored}") from None
    profile = from_yaml(text, str(path))
    if (profile.profile, profile.version) != (name, version):
        raise DamagedFile(f"{path}: is {profile.ref}; restore it from a copy")
    return profile


def find(profiles: Path, ref: str) -> Profile:
    """The profile that `NAME` or `NAME/v3` names.

    Raises:
        BadName: not the form of a name, such as `../x`.
        UnknownReference: nothing has that name; the message lists near ones.
        DamagedFile: the file is not what was written.
    """
    name, slash, tail = ref.partition("/")
    check_name(name, "profile")
    if slash:
        match = _VERSION.fullmatch(tail)
        if match is None:
            raise UnknownReference(f"{name}/{tail[:40]}: after the slash comes a version, as in v3")
        return load(profiles, name, int(match[1]))
    version = current(profiles, name)
    if version is None:
        near = difflib.get_close_matches(name, names(profiles), n=3, cutoff=0.5)
        listed = profiles_line("list", profiles=profiles)
        hint = f"did you mean {' or '.join(near)}?" if near else f"`{listed}` shows them"
        raise UnknownReference(f"{name}: there is no such profile in {profiles}; {hint}")
    return load(profiles, name, version)
