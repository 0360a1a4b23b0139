"""`make release VERSION=1.2.0`: version and changelog written, committed and tagged.

Refuses a version that is not greater than the last, an empty "Unreleased", changed files, a tag
that exists. Nothing is pushed.
"""

import datetime
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROJECT, CHANGELOG = ROOT / "pyproject.toml", ROOT / "CHANGELOG.md"
VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)")


def git(*words: str) -> str:
    """Standard output of a git command in the checkout."""
    return subprocess.run(
        ["git", *words], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()


def numbers(version: str) -> tuple[int, ...]:
    """1.2.0 as (1, 2, 0); ValueError when it is written otherwise."""
    match = VERSION.fullmatch(version)
    if not match:
        raise ValueError(f"VERSION: need three numbers such as 1.2.0, got {version!r}")
    return tuple(int(part) for part in match.groups())


def with_version(project: str, version: str) -> str:
    """The text of pyproject with a greater version."""
    match = re.search(r'^version = "(.*)"$', project, re.MULTILINE)
    if not match or numbers(version) <= numbers(match[1]):
        raise ValueError(f"VERSION: need more than {match and match[1]}, got {version}")
    return project.replace(match[0], f'version = "{version}"', 1)


def with_heading(changelog: str, version: str, day: datetime.date) -> str:
    """The changelog with what is unreleased under the version's own heading."""
    before, heading, after = changelog.partition("## Unreleased\n")
    entries = after.split("\n## ")[0]
    if not heading or "- " not in entries:
        raise ValueError("CHANGELOG.md: nothing under Unreleased; write what has changed")
    return f"{before}{heading}\n## {version} ({day:%Y-%m-%d})\n{after}"


def main(version: str) -> int:
    """Release, or one line why not and 2."""
    try:
        project = with_version(PROJECT.read_text(), version)
        today = datetime.datetime.now(datetime.UTC).date()
        changelog = with_heading(CHANGELOG.read_text(), version, today)
        if git("status", "--porcelain"):
            raise ValueError("checkout: files are changed; commit them first")
        if git("tag", "--list", f"v{version}"):
            raise ValueError(f"VERSION: tag v{version} exists; take a greater one")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    PROJECT.write_text(project)
    CHANGELOG.write_text(changelog)
    git("commit", "--quiet", "--all", "--message", f"Release {version}")
    git("tag", "--annotate", f"v{version}", "--message", f"Sweeper {version}")
    print(f"v{version} is committed and tagged; push with: git push --follow-tags")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))
