"""The checkout's git working tree: what of the code is in no commit."""

import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent


def changed_files(folder: Path = HERE) -> tuple[str, ...]:
    """Files that differ from the commit, and those that git neither knows nor ignores.

    Raises:
        ValueError: this is no git checkout, or there is no git.
    """
    lines = _git(folder, "status", "--porcelain", "--untracked-files=all").splitlines()
    return tuple(line[3:] for line in lines)


def commit(folder: Path = HERE) -> str | None:
    """The commit that is checked out; None outside a checkout."""
    try:
        return _git(folder, "rev-parse", "HEAD").strip()
    except ValueError:
        return None


def _git(folder: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", *words], cwd=folder, capture_output=True, text=True, check=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        raise ValueError(
            f"the code is in no git checkout ({said.strip().splitlines()[0]})"
        ) from error
    return done.stdout
