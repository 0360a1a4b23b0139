"""Budget of an agent: configurations it may try in all, granted by a person at start-up.

What it has tried is kept in the store, under its name, so that a new start is no new budget.
"""

import fcntl
import json
import re
from dataclasses import dataclass
from pathlib import Path

from serve.problems import Problem

NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")


def check_agent(name: str) -> str:
    """The name of an agent; ValueError for one that could not be a tag and a file."""
    if not NAME.fullmatch(name):
        raise ValueError(
            f"--agent: need small letters, digits, - and _, up to 40, got {name[:60]!r}"
        )
    return name


@dataclass(frozen=True)
class Budget:
    """Configurations that an agent may try.

    Attributes:
        root: of the store.
        agent: its name.
        granted: in all, whatever was tried before included.
    """

    root: Path
    agent: str
    granted: int

    @property
    def spent(self) -> int:
        """Configurations that were planned for it so far."""
        try:
            return int(json.loads(self._file.read_text(encoding="utf-8"))["spent"])
        except FileNotFoundError:
            return 0

    @property
    def left(self) -> int:
        """Configurations that it may still try."""
        return max(0, self.granted - self.spent)

    def spend(self, configurations: int) -> None:
        """Take some, before they are tried.

        Raises:
            Problem: so many are not left.
        """
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with self._file.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            spent = self.spent
            if spent + configurations > self.granted:
                raise Problem(
                    429,
                    f"budget: {configurations:,} configurations are asked for, "
                    f"{self.granted - spent:,} of {self.granted:,} are left; narrow the ranges, or "
                    "a person starts the server with a larger --budget",
                )
            draft = self._file.with_suffix(".new")
            draft.write_text(json.dumps({"spent": spent + configurations}), encoding="utf-8")
            draft.replace(self._file)

    @property
    def _file(self) -> Path:
        return self.root / "agents" / f"{self.agent}.json"
