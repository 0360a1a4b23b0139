import hashlib
import json
import os
import struct
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.files import canonical as canonical_module
from store.files.canonical import canonical, digest, hash_runs

CONTEXT = {"strategy": "sma", "symbol": "NASDAQ", "window": ["a", "b"]}


def test_the_canonical_form_is_as_documented():
    (got,) = hash_runs(CONTEXT, ["params.slow", "params.fast"], np.array([[50.0, 20.0]]))
    text = json.dumps(CONTEXT, sort_keys=True, separators=(",", ":"))
    head = f'{text}\n["params.fast", "params.slow"]\n'.encode()
    assert got.tobytes() == hashlib.sha256(head + struct.pack("<2d", 20.0, 50.0)).digest()


def test_order_of_keys_and_columns_does_not_matter():
    one = hash_runs(CONTEXT, ["b", "a"], np.array([[1.0, 2.0]]))
    two = hash_runs(dict(reversed(CONTEXT.items())), ["a", "b"], np.array([[2.0, 1.0]]))
    np.testing.assert_array_equal(one, two)


def test_minus_zero_and_any_nan_are_one_value():
    other_nan = np.array([0x7FF8000000000001], np.uint64).view(np.float64)[0]
    rows = np.array([[0.0, np.nan], [-0.0, other_nan]])
    one, two = hash_runs(CONTEXT, ["a", "b"], rows)
    np.testing.assert_array_equal(one, two)


@given(
    st.lists(
        st.tuples(st.floats(allow_nan=False), st.floats(allow_nan=False)), min_size=2, max_size=8
    )
)
def test_equal_hashes_mean_equal_numbers(rows):
    hashes = [h.tobytes() for h in hash_runs(CONTEXT, ["a", "b"], np.array(rows))]
    for i, one in enumerate(rows):
        for j, other in enumerate(rows):
            assert (hashes[i] == hashes[j]) == (one == other)


def test_a_batch_gives_what_single_rows_give():
    rows = np.random.default_rng(3).normal(size=(50, 3))
    batch = hash_runs(CONTEXT, ["a", "b", "c"], rows)
    for row, expected in zip(rows, batch, strict=True):
        np.testing.assert_array_equal(hash_runs(CONTEXT, ["a", "b", "c"], row[None])[0], expected)


ELSEWHERE = """
import sys, numpy as np
from store.files.canonical import digest, hash_runs
context = {name: name for name in {"symbol", "strategy", "window", "data", "kernel"}}
context["set"] = {name: 1 for name in frozenset("abcdef")}
hashes = hash_runs(context, ["b", "a"], np.array([[0.1, 1.5]]))
sys.stdout.write(hashes.tobytes().hex() + digest(context))
"""


def test_a_hash_is_the_same_in_another_process():
    """Where text hashes otherwise, sets come in another order, and so do the keys made of them."""
    told = {
        subprocess.run(
            [sys.executable, "-c", ELSEWHERE],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True, text=True, check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }  # fmt: skip
    names = ("data", "kernel", "strategy", "symbol", "window")
    context = {name: name for name in names} | {"set": dict.fromkeys("abcdef", 1)}
    here = hash_runs(context, ["a", "b"], np.array([[1.5, 0.1]])).tobytes().hex()
    assert told == {here + digest(context)}


def test_canonical_refuses_nan():
    with pytest.raises(ValueError, match="Out of range float"):
        canonical({"a": float("nan")})


def test_digest_is_64_hex_digits():
    assert len(digest({"a": 1})) == 64
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})


def test_many_rows_hash_as_each_by_itself():
    rows = np.random.default_rng(5).normal(size=(canonical_module.MANY, 3))
    rows[::3, 1], rows[::5, 2] = np.nan, -0.0
    names = ["params.slow", "risk.stop_loss", "params.fast"]
    single = [hash_runs(CONTEXT, names, row[None])[0] for row in rows]
    np.testing.assert_array_equal(hash_runs(CONTEXT, names, rows), single)
