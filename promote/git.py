"""Git, through its command line: what is not committed, and the commit of a promotion."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from store.errors import StoreError


def user(folder: Path) -> str | None:
    """The e-mail address that git knows its user by; None when it knows none."""
    found = _run(folder, "config", "user.email", check=False)
    return found or None


def require_clean(folder: Path) -> None:
    """Refuse to commit where that cannot end well.

    Raises:
        StoreError: no git tree, no identity, or files that are not committed.
    """
    changed = _run(folder, "status", "--porcelain").splitlines()
    if changed:
        shown = ", ".join(line[3:] for line in changed[:3]) + (", ..." if changed[3:] else "")
        raise StoreError(
            f"git: {len(changed)} files are not committed ({shown}); commit or stash them, or add "
            "--allow-dirty, which is recorded"
        )


def require_tree(folder: Path) -> None:
    """Raise StoreError unless a commit can be made in `folder`."""
    _run(folder, "rev-parse", "--is-inside-work-tree")
    _run(folder, "var", "GIT_COMMITTER_IDENT")


def commit(folder: Path, paths: Sequence[str], message: str) -> None:
    """Commit some files below `folder`, and no others; nothing happens when they are committed.

    Raises:
        StoreError: git refuses; the message says why.
    """
    if not _run(folder, "status", "--porcelain", "--", *paths):
        return
    _run(folder, "add", "--", *paths)
    _run(folder, "commit", "--quiet", "--message", message, "--only", "--", *paths)


def _run(folder: Path, *words: str, check: bool = True) -> str:
    """What git prints; StoreError with what it says when it fails."""
    present = next(path for path in (folder.absolute(), *folder.absolute().parents) if path.is_dir())
    try:
        ended = subprocess.run(["git", *words], cwd=present, capture_output=True, text=True)
    except OSError as error:
        raise StoreError(f"git: cannot be run ({error.strerror}); install it") from None
    if check and ended.returncode:
        said = " ".join((ended.stderr or ended.stdout).split())[:300]
        raise StoreError(
            f"git {words[0]}: {said}; mend that in {present} and repeat the command"
        )
    return ended.stdout.strip("\n")
