"""The git working trees of the code: which files that a result depends on are in no commit."""

import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

HERE = Path(__file__).resolve().parents[2]

CODE = (
    "conf/",
    "hydra_plugins/",
    "kernels/",
    "promote/",
    "pyproject.toml",
    "requirements.lock",
    "store/",
    "sweeper/",
)
"""What decides a result in the checkout. Profiles, logs and reports lie next to it, and so may
strategies that the judged run does not use."""


def changed_code(sources: Iterable[Path]) -> tuple[str, ...]:
    """Code that is in no commit: of the checkout, and the files that a strategy is made of.

    Args:
        sources: those files, wherever they lie.

    Raises:
        ValueError: the product itself is in no git checkout, or there is no git.
    """
    product = [name for name in changed_files() if name.startswith(CODE)]
    return tuple(dict.fromkeys([*product, *_uncommitted(sources)]))


def _uncommitted(sources: Iterable[Path]) -> Iterator[str]:
    """Files that differ from the last commit of their own git tree, or have none."""
    for file in map(Path.resolve, sources):
        shown = str(file.relative_to(HERE) if file.is_relative_to(HERE) else file)
        words = ("--porcelain", "--untracked-files=all", "--ignored", "--", file.name)
        try:
            if _git(file.parent, "status", *words):
                yield shown
        except ValueError:
            yield f"{shown} (in no git tree)"


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
        message = getattr(error, "stderr", "") or str(error)
        raise ValueError(
            f"the code is in no git checkout ({message.strip().splitlines()[0]})"
        ) from error
    return done.stdout
