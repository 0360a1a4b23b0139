import json
import re

import pytest

from store.errors import DamagedFile
from store.files import hash_chain


@pytest.fixture
def folder(tmp_path):
    """A chain of five."""
    folder = tmp_path / "chain"
    for number in range(5):
        assert hash_chain.append(folder, hash_chain.read(folder), {"says": number})
    return folder


def test_a_chain_is_read_back_in_order(folder):
    links = hash_chain.read(folder)
    assert [(link.number, link.body) for link in links] == [(n + 1, {"says": n}) for n in range(5)]
    assert [link.previous for link in links] == ["", *(link.digest for link in links[:-1])]
    assert hash_chain.inspect(folder) == (links, [])


def test_no_chain_is_empty(root):
    assert hash_chain.read(root / "none") == []


def test_who_comes_second_is_told_and_changes_nothing(folder):
    links = hash_chain.read(folder)
    first = hash_chain.append(folder, links, {"says": "first"})
    assert hash_chain.append(folder, links, {"says": "second"}) is None
    assert hash_chain.read(folder) == [*links, first]


def test_temporaries_and_folders_are_no_entries(folder):
    (folder / ".000006.json.ab.tmp").write_text("{")
    (folder / "keys").mkdir()
    assert len(hash_chain.read(folder)) == 5


def entry(folder, number):
    return folder / f"{number:06d}.json"


def swap(folder):
    text = entry(folder, 2).read_bytes()
    entry(folder, 2).write_bytes(entry(folder, 3).read_bytes())
    entry(folder, 3).write_bytes(text)


def edit(folder, number, **changes):
    values = json.loads(entry(folder, number).read_text())
    entry(folder, number).write_text(json.dumps({**values, **changes}))


def forge(folder, number):
    """An edit by somebody who knows how digests are made."""
    links = hash_chain.read(folder)
    again = folder.parent / "again"
    again.mkdir()
    entry(folder, number).unlink()
    link = hash_chain.append(again, links[: number - 1], {"says": "forged"})
    entry(again, link.number).rename(entry(folder, number))


TAMPERED = {
    "edited": (lambda f: edit(f, 3, body={"says": 7}), "000003.json: was changed"),
    "edited at the end": (lambda f: edit(f, 5, body={"says": 7}), "000005.json: was changed"),
    "relinked": (lambda f: edit(f, 3, previous="ab" * 32), "000003.json: was changed"),
    "forged": (lambda f: forge(f, 3), "000004.json: does not continue the entry before it"),
    "deleted": (lambda f: entry(f, 2).unlink(), "000002.json: is missing"),
    "deleted first": (lambda f: entry(f, 1).unlink(), "000001.json: is missing"),
    "reordered": (swap, "000002.json: holds entry 3"),
    "truncated": (
        lambda f: entry(f, 4).write_bytes(entry(f, 4).read_bytes()[:40]),
        "000004.json: is not JSON",
    ),
    "emptied": (lambda f: entry(f, 4).write_text("[]"), "000004.json: is no entry"),
    "of another form": (lambda f: edit(f, 4, body=3), "000004.json: is no entry"),
}


@pytest.mark.parametrize("how", TAMPERED)
def test_tampering_is_found_and_named(how, folder):
    tamper, message = TAMPERED[how]
    tamper(folder)
    with pytest.raises(DamagedFile, match=re.escape(f"{folder}/{message}")):
        hash_chain.read(folder)
    _, faults = hash_chain.inspect(folder)
    assert message in faults[0]
    assert all(fault.endswith("restore it from a copy") for fault in faults)


def test_every_fault_is_told(folder):
    edit(folder, 1, body={})
    entry(folder, 3).unlink()
    links, faults = hash_chain.inspect(folder)
    assert [link.number for link in links] == [2, 4, 5]
    assert [fault[len(str(folder)) + 1 :][:11] for fault in faults] == [
        "000001.json",
        "000003.json",
    ]


def test_the_newest_entries_taken_away_leave_a_shorter_chain(folder):
    entry(folder, 5).unlink()
    assert len(hash_chain.read(folder)) == 4
