"""The commit of a promotion, through git's command line."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from promote.audit.git_tree import changed_files
from store.errors import StoreError


def user(folder: Path) -> str | None:
    """The e-mail address that git knows its user by; None when it knows none."""
    try:
        return _run(folder, "config", "user.email") or None
    except StoreError:
        return None


def require_ready(folder: Path, allow_dirty: bool) -> None:
    """Refuse what could not be committed in `folder`.

    Raises:
        StoreError: no git tree, no name to commit under, or files that are not committed.
    """
    _run(folder, "rev-parse", "--is-inside-work-tree")
    _run(folder, "var", "GIT_COMMITTER_IDENT")
    if _is_ignored(folder):
        raise StoreError(f"git: {folder} is ignored; take it out of .gitignore to commit it")
    changed = changed_files(_present(folder))
    if changed and not allow_dirty:
        shown = ", ".join(changed[:3]) + (", ..." if changed[3:] else "")
        raise StoreError(
            f"git: the working tree is not clean ({shown}); commit or stash that, or add "
            "--allow-dirty, which is recorded"
        )


def commit(folder: Path, paths: Sequence[str], message: str) -> None:
    """Commit some files below `folder`, and no others; nothing happens when they are committed.

    Raises:
        StoreError: git refuses; the message says why.
    """
    if not _run(folder, "status", "--porcelain", "--", *paths):
        return
    _run(folder, "add", "--", *paths)
    _run(folder, "commit", "--quiet", "--message", message, "--only", "--", *paths)


def _present(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    whole = folder.absolute()
    return next(path for path in (whole, *whole.parents) if path.is_dir())


def _is_ignored(folder: Path) -> bool:
    try:
        _run(folder, "check-ignore", str(folder.absolute() / "any"))
    except StoreError:
        return False
    return True


def _run(folder: Path, *words: str) -> str:
    """Output of a git command.

    Raises:
        StoreError: it fails; with what it says.
    """
    place = _present(folder)
    try:
        done = subprocess.run(
            ["git", *words], cwd=place, capture_output=True, text=True, check=True
        )
    except OSError as error:
        raise StoreError(f"git: cannot be run ({error.strerror}); install it") from None
    except subprocess.CalledProcessError as error:
        message = " ".join((error.stderr or error.stdout).split())[:300]
        raise StoreError(
            f"git {words[0]}: {message}; mend that in {place} and repeat the command"
        ) from None
    return done.stdout.strip()
