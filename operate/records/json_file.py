"""A frozen dataclass as a JSON file with a schema version and a digest, replaced in one step."""

import dataclasses
import json
from pathlib import Path
from typing import Any, TypeVar

from store.errors import DamagedFile
from store.files import local
from store.files.canonical import canonical, digest

Record = TypeVar("Record")


def save(path: Path, record: Any, schema: int) -> None:
    """Make a dataclass the whole content of a file."""
    fields = {"schema": schema, **dataclasses.asdict(record)}
    local.make_folder(path.parent)
    local.replace(path, (canonical({**fields, "digest": digest(fields)}) + "\n").encode())


def load(path: Path, kind: type[Record], schema: int) -> Record | None:
    """The dataclass in a file; None when there is none. Fields it lacks take their defaults.

    Raises:
        DamagedFile: the file is not what was written, or a newer checkout wrote it.
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        fields = json.loads(content)
        stated = fields.pop("digest")
        if digest(fields) != stated:
            raise ValueError("its digest is not that of what it says")
        if fields.pop("schema") > schema:
            raise ValueError("a newer checkout wrote it; update this one")
        return kind(**fields)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        reason = " ".join(str(error).split())
        raise DamagedFile(f"{path}: is damaged ({reason}); restore it from a copy") from None
