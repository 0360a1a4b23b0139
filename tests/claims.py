"""A plugin of pytest by which two processes share the test files, each run by one of them.

Both collect all tests. Each takes the next file that the other has not taken: one from the
beginning of the list, one from its end, so that both end at about the same time on any machine,
and fixtures of a folder are rarely made twice. What uses the Ray of the fixture `cluster` is taken
first, and only by the process that begins at the end: there is one such Ray.
"""

from itertools import groupby
from pathlib import Path

import pytest


def pytest_addoption(parser):
    parser.addoption("--claims", type=Path, help="folder that says which file is taken")
    parser.addoption("--from-the-end", action="store_true", help="begin with the last file")


def files_to_take(items, from_the_end):
    """(number, tests) of the files that a process may take, in its order."""
    files = [list(tests) for _, tests in groupby(items, key=lambda item: item.path)]
    numbered = list(enumerate(files))
    on_ray = [(k, tests) for k, tests in numbered if any(_uses_ray(item) for item in tests)]
    others = [(k, tests) for k, tests in numbered if (k, tests) not in on_ray]
    return [*on_ray, *reversed(others)] if from_the_end else others


def _uses_ray(item):
    return "cluster" in getattr(item, "fixturenames", ())


def taken(folder, files):
    """The tests of the files that this process takes; each file is taken when its turn comes."""
    for number, tests in files:
        try:
            (folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            continue
        yield from tests


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session):
    """As pytest's own, but for what is run; that one remains for what cannot be run."""
    options = session.config.option
    if session.testsfailed or options.collectonly:
        return None
    tests = taken(options.claims, files_to_take(session.items, options.from_the_end))
    item = next(tests, None)
    while item is not None:
        following = next(tests, None)
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
    return True
