import hashlib
import re

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import DamagedFile
from store.runs import key_set

SETS = st.lists(st.integers(0, 2**64 - 1)).map(
    lambda values: np.unique(np.array(values, np.uint64))
)


def hashes(n):
    return [hashlib.sha256(bytes([i])).digest() for i in range(n)]


def test_a_key_is_the_first_eight_bytes_of_a_hash():
    rows = np.frombuffer(b"".join(hashes(5)), np.uint8).reshape(5, 32)
    expected = [int.from_bytes(one[:8], "little") for one in hashes(5)]
    assert key_set.keys_of(rows).tolist() == expected
    column = pa.array(hashes(9), pa.binary(32))
    assert key_set.arrow_keys(column)[:5].tolist() == expected
    assert key_set.arrow_keys(column[2:4]).tolist() == expected[2:4]


@given(SETS, SETS)
def test_sets(left, right):
    a, b = set(left.tolist()), set(right.tolist())
    assert key_set.union([left, right[::-1]]).tolist() == sorted(a | b)
    assert key_set.within(right[::-1], left).tolist() == [key in a for key in right[::-1].tolist()]


def test_the_union_of_nothing_is_the_empty_set():
    assert key_set.union([]).dtype == np.uint64
    assert key_set.union([]).size == key_set.none().size == 0


@given(values=SETS)
def test_a_file_gives_back_its_set(values, tmp_path_factory):
    path = tmp_path_factory.mktemp("keys") / "some.keys"
    path.write_bytes(key_set.encode(values))
    found = key_set.read(path)
    assert found.dtype == np.uint64
    assert found.tolist() == values.tolist()


DAMAGE = {"cut": lambda c: c[:-1], "flipped": lambda c: c[:-1] + b"x", "emptied": lambda c: b""}


@pytest.mark.parametrize("change", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_file_is_named(change, tmp_path):
    path = tmp_path / "some.keys"
    path.write_bytes(change(key_set.encode(np.arange(4, dtype=np.uint64))))
    with pytest.raises(DamagedFile, match=re.escape(f"{path}: is not what was written")):
        key_set.read(path)


def test_a_file_of_another_name_is_damage_where_names_count(tmp_path):
    content = key_set.encode(np.arange(4, dtype=np.uint64))
    path, other = tmp_path / key_set.file_name(content), tmp_path / f"{'0' * 64}.keys"
    path.write_bytes(content)
    other.write_bytes(content)
    assert key_set.read(path, addressed=True).size == key_set.read(other).size == 4
    with pytest.raises(DamagedFile, match="is not what was written"):
        key_set.read(other, addressed=True)
    with pytest.raises(DamagedFile, match="is missing"):
        key_set.read(tmp_path / "no.keys")
