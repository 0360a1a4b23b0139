"""Results of a long measurement as they come, kept so that a run that was ended goes on."""

import json
from collections.abc import Callable, Iterable
from hashlib import sha256
from pathlib import Path
from typing import Any

from store.files import local


class Journal:
    """Values by name in a file of JSON lines; a line that a killed process tore is left out.

    Attributes:
        path: of the file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        local.make_folder(path.parent)
        self._values: dict[str, Any] = {}
        for line in path.read_text().splitlines() if path.exists() else []:
            try:
                name, value = json.loads(line)
            except ValueError:
                continue
            self._values[name] = value

    def of(self, name: str, work: Callable[[], Any]) -> Any:
        """The value of a name: as it was kept, or worked out and kept. JSON types only."""
        if name not in self._values:
            value = work()
            with self.path.open("a") as file:
                file.write(f"\n{json.dumps([name, value])}")  # first: ends a line that was torn
            self._values[name] = value
        return self._values[name]


def digest(files: Iterable[Path]) -> str:
    """Twelve hex digits of the contents of some files: other code has a journal of its own."""
    return sha256(b"\0".join(path.read_bytes() for path in sorted(files))).hexdigest()[:12]
