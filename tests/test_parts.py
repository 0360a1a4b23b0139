"""`make test` runs every test once, in two processes that share the files."""

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from tests.__main__ import HERE
from tests.claims import files_to_take, taken

RUN = """
import sys
from pathlib import Path
from tests.__main__ import main
sys.exit(main(["-q", "-rA", "-p", "no:cacheprovider", "--rootdir", sys.argv[1]], Path(sys.argv[1])))
"""


def run(folder):
    """Both processes on the tests of a folder; the exit code and what they print."""
    words = [sys.executable, "-c", RUN, folder]
    bare = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ended = subprocess.run(words, cwd=HERE.parent, env=bare, capture_output=True, text=True)
    return ended.returncode, ended.stdout


def two_of_each(*files, ray="", long="", nodes=""):
    """Two tests of each file; of some they use the cluster or nodes, of some they are long."""
    return [
        SimpleNamespace(
            path=name,
            name=f"{name}{k}",
            fixturenames=["cluster"] * (name in ray) + ["nodes"] * (name in nodes),
            keywords=["long"] * (name in long),
        )
        for name in files
        for k in range(2)
    ]


def test_every_test_runs_once_in_whichever_process(tmp_path):
    for name in "abcdefgh":
        (tmp_path / f"test_{name}.py").write_text("def test_it(): pass\n")
    code, out = run(tmp_path)
    assert code == 0
    assert sorted(re.findall(r"^PASSED \S*test_(\w)\.py", out, re.M)) == list("abcdefgh")


@pytest.mark.parametrize("bad", ["test_a.py", "test_b.py"])
def test_it_fails_with_either_process_and_shows_both(tmp_path, bad):
    for name in ("test_a.py", "test_b.py"):
        (tmp_path / name).write_text(f"def test_it(): assert {name != bad}\n")
    code, out = run(tmp_path)
    assert code == 1
    assert re.findall(r"^FAILED \S*(test_\w\.py)", out, re.M) == [bad]
    assert len(re.findall(r"^PASSED", out, re.M)) == 1


def test_they_begin_at_both_ends_and_one_has_all_of_the_cluster(tmp_path):
    items = two_of_each("a", "b", "c", "d", ray=("b",))
    forward, backward = (files_to_take(items, last, last) for last in (False, True))
    assert [tests[0].path for _, tests in forward] == ["a", "c", "d"]
    assert [tests[0].path for _, tests in backward] == ["b", "d", "c", "a"]
    first, second = taken(tmp_path, forward), taken(tmp_path, backward)
    in_turn = [next(run).name for _ in range(4) for run in (first, second)]
    assert in_turn == ["a0", "b0", "a1", "b1", "c0", "d0", "c1", "d1"]
    assert [*first, *second] == []


def test_long_tests_are_begun_first_and_shared_one_by_one(tmp_path):
    items = two_of_each("a", "b", "c", long="b")
    forward, backward = (files_to_take(items, last, False) for last in (False, True))
    first, second = taken(tmp_path, forward), taken(tmp_path, backward)
    in_turn = [next(run).name for _ in range(3) for run in (first, second)]
    assert in_turn == ["b0", "b1", "a0", "c0", "a1", "c1"]


def test_who_has_the_cluster_starts_no_nodes_unless_it_is_alone():
    items = two_of_each("a", "b", "c", ray="a", nodes="c")

    def order(with_ray, alone=False):
        return "".join(tests[0].path for _, tests in files_to_take(items, True, with_ray, alone))

    assert (order(False), order(True), order(True, alone=True)) == ("cb", "ab", "cab")
