"""`make test` runs every test, in two parts."""

import subprocess
import sys

import pytest

from tests.__main__ import ASIDE, HERE, SEEN

RUN = """
import sys
from tests import __main__ as tests
tests.SEEN, tests.ASIDE = [sys.argv[1]], [sys.argv[2]]
sys.exit(tests.main(["-q", "-p", "no:cacheprovider"]))
"""


def test_every_file_of_tests_is_in_one_part():
    for path in HERE.rglob("test_*.py"):
        assert sum(path.is_relative_to(part) for part in [*SEEN, *ASIDE]) == 1, path


@pytest.mark.parametrize("order", [("good", "bad"), ("bad", "good")])
def test_it_fails_with_either_part_and_shows_both(tmp_path, order):
    for name, outcome in {"good": True, "bad": False}.items():
        (tmp_path / f"test_{name}.py").write_text(f"def test_{name}(): assert {outcome}\n")
    words = [tmp_path / f"test_{name}.py" for name in order]
    ended = subprocess.run(
        [sys.executable, "-c", RUN, *words], cwd=HERE.parent, capture_output=True, text=True
    )
    assert ended.returncode == 1
    assert "1 passed" in ended.stdout
    assert "1 failed" in ended.stdout
