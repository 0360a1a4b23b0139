"""docs/statistics.md: its example runs, and every function has its row."""

import re

import promote.statistics
from tests.documents import DOCS, blocks

PAGE = "statistics.md"


def test_the_example_says_that_noise_is_noise():
    found = {}
    for _, code in blocks(PAGE, "python"):
        exec(code, found)
    assert found["found"].pbo > 0.2
    assert found["chance"].p_consistent > 0.05
    assert found["assured"] < 0.95
    assert 1 < found["tried"] < 16


def test_every_function_is_on_the_page():
    rows = set(re.findall(r"^\| `(\w+)\(", DOCS[PAGE], re.MULTILINE))
    named = set(re.findall(r"`(\w+)", DOCS[PAGE]))
    assert rows <= set(promote.statistics.__all__)
    functions = {name for name in promote.statistics.__all__ if name.islower()}
    assert functions - named == set()
