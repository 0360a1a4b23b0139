import hashlib

import numpy as np
import pytest

from kernels.jit.sha256 import ROUNDS, START, sha256_rows


@pytest.mark.parametrize("length", [0, 1, 16, 55, 56, 63, 64, 65, 119, 120, 200])
@pytest.mark.parametrize("prefix", [0, 1, 60, 64, 130])
def test_digests_are_those_of_hashlib(prefix, length):
    head = np.random.default_rng(prefix).bytes(prefix)
    messages = np.random.default_rng(length).integers(0, 256, (17, length), dtype=np.uint8)
    expected = [hashlib.sha256(head + row.tobytes()).digest() for row in messages]
    assert [row.tobytes() for row in sha256_rows(head, messages)] == expected


def test_constants_are_those_of_the_standard():
    """FIPS 180-4, 5.3.3 and 4.2.2: first and last."""
    assert [hex(START[0]), hex(START[7])] == ["0x6a09e667", "0x5be0cd19"]
    assert [hex(ROUNDS[0]), hex(ROUNDS[63]), len(ROUNDS)] == ["0x428a2f98", "0xc67178f2", 64]


def test_no_message_has_no_digest():
    assert sha256_rows(b"head", np.empty((0, 16), np.uint8)).shape == (0, 32)
