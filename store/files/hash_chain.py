"""An append-only chain of small JSON files in which no change goes unseen.

FOLDER/000001.json, 000002.json, ...: each holds its number, a body, the digest of the one before
it and its own. Several processes may append at once: the first file put under a number
takes it, for good.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from store.errors import DamagedFile
from store.files import backend
from store.files.backend import AnyPlace, Place
from store.files.canonical import canonical, digest

_FILE = re.compile(r"(\d{6,12})\.json")
_RESTORE = "restore it from a copy"


@dataclass(frozen=True, slots=True)
class Link:
    """One entry.

    Attributes:
        number: from 1 on.
        digest: SHA-256 of number, body and the digest before, 64 hex digits.
        previous: digest of the entry before; empty for the first.
        body: what it says, as JSON.
    """

    number: int
    digest: str
    previous: str
    body: Mapping[str, Any]


def link_path(folder: AnyPlace, number: int) -> AnyPlace:
    """The file of an entry."""
    return folder / f"{number:06d}.json"


def read(folder: Place) -> list[Link]:
    """The whole chain, oldest first; empty when there is none yet.

    Raises:
        DamagedFile: an entry is missing or was changed. The newest ones, taken away together,
            leave a chain that is whole: what they counted has to be compared with.
    """
    links, faults = inspect(folder)
    if faults:
        raise DamagedFile(faults[0])
    return links


def inspect(folder: Place) -> tuple[list[Link], list[str]]:
    """The entries that can be read, and what is wrong with each of the others."""
    links: list[Link] = []
    faults = []
    previous: str | None = ""  # None where the entry before cannot be read
    expected = 1
    numbers = _numbers(folder)
    parsed = backend.each(lambda number: _parse(link_path(folder, number), number), numbers, folder)
    for number, link in zip(numbers, parsed, strict=True):
        path = link_path(folder, number)
        if number != expected:
            faults.append(f"{link_path(folder, expected)}: is missing; {_RESTORE}")
            previous = None
        expected = number + 1
        if isinstance(link, str):
            faults.append(f"{path}: {link}; {_RESTORE}")
            previous = None
            continue
        if previous is not None and link.previous != previous:
            faults.append(
                f"{path}: does not continue the entry before it: one of the two was changed; "
                f"{_RESTORE}"
            )
        links.append(link)
        previous = link.digest
    return links, faults


def append(folder: Place, links: list[Link], body: Mapping[str, object]) -> Link | None:
    """Put an entry after those that were read.

    Returns:
        The entry, safe from kills and power cuts; None when somebody else has appended since
        `links` were read.
    """
    link, content = compose(links, body)
    backend.make_folder(folder)
    return link if backend.put_if_absent(link_path(folder, link.number), content) else None


def compose(links: list[Link], body: Mapping[str, object]) -> tuple[Link, bytes]:
    """The entry that would come after some others, and what its file holds."""
    number, previous = len(links) + 1, links[-1].digest if links else ""
    link = Link(number, _digest(number, previous, body), previous, body)
    text = json.dumps(
        {"number": number, "previous": previous, "body": body, "digest": link.digest}, indent=1
    )
    return link, (text + "\n").encode()


def _digest(number: int, previous: str, body: Mapping[str, object]) -> str:
    return digest({"number": number, "previous": previous, "body": body})


def _numbers(folder: Place) -> list[int]:
    """The numbers that have a file, ascending."""
    matches = map(_FILE.fullmatch, backend.names(folder))
    return sorted(int(match[1]) for match in matches if match)


def _parse(path: Place, number: int) -> Link | str:
    """The entry in a file, or what is wrong with it."""
    try:
        values = json.loads(backend.content(path))
    except DamagedFile as error:
        return str(error).removeprefix(f"{path}: ").removesuffix(f"; {_RESTORE}")
    except FileNotFoundError:
        return "is gone"
    except (ValueError, RecursionError) as error:
        return f"is not JSON ({error})"
    if not isinstance(values, dict) or values.keys() != {"number", "previous", "body", "digest"}:
        return "is no entry of a chain"
    if values["number"] != number:
        return f"holds entry {canonical(values['number'])[:20]}"
    if not isinstance(values["body"], dict) or not isinstance(values["previous"], str):
        return "is no entry of a chain"
    if values["digest"] != _digest(number, values["previous"], values["body"]):
        return "was changed: its digest is not that of what it says"
    return Link(number, values["digest"], values["previous"], values["body"])
