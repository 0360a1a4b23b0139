"""A plugin of pytest by which processes share the test files, each run by one of them.

One process collects all tests, and the others are forked from it: collection takes as long as
hundreds of tests, and modules are in memory once. Each process takes the next file that no other
has taken: the first from the beginning of the list, the second from its end, so that both end at
about the same time on any machine, and fixtures of a folder are rarely made twice. What uses the
Ray of the fixture `cluster` is taken first, and only by the last process: there is one such Ray.
That one takes nothing that starts `nodes` and connects to them: in it a Ray is up already.
Tests that are marked `long` are taken before the rest and one by one, so that none is left alone at
the end.
"""

import os
import shutil
import sys
import tempfile
import warnings
from itertools import groupby
from pathlib import Path

import pytest


def files_to_take(items, from_the_end, with_ray, alone=False):
    """(number, tests) of the files and long tests that a process may take, in its order."""
    files = list(enumerate(list(tests) for _, tests in groupby(items, key=_taken_with)))
    on_ray = [(k, tests) for k, tests in files if _use("cluster", tests)]
    apart = [(k, tests) for k, tests in files if _use("nodes", tests)]
    long = [(k, tests) for k, tests in files if _is_long(tests[0])]
    special = {k for k, _ in [*on_ray, *apart, *long]}
    others = [(k, tests) for k, tests in files if k not in special]
    if from_the_end:
        others.reverse()
    if with_ray:
        return [*(apart if alone else ()), *on_ray, *long, *others]
    return [*long, *apart, *others]


def _taken_with(item):
    """Equal for neighbours that one process takes together."""
    return item.path, item.name if _is_long(item) else None


def _is_long(item):
    return "long" in item.keywords


def _use(fixture, tests):
    return any(fixture in getattr(item, "fixturenames", ()) for item in tests)


def taken(folder, files):
    """The tests of the files that this process takes; each file is taken when its turn comes."""
    for number, tests in files:
        try:
            (folder / str(number)).touch(exist_ok=False)
        except FileExistsError:
            continue
        yield from tests


class Shared:
    """The plugin, and the processes that were forked.

    Attributes:
        children: (process id, file of what it prints) of those that this process forked.
        is_child: this process was forked.
    """

    def __init__(self):
        self.children = []
        self.is_child = False

    @pytest.hookimpl
    def pytest_addoption(self, parser):
        parser.addoption("--processes", type=int, default=2, help="how many share the files")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """As pytest's own, but for what is run; that one remains for what cannot be run."""
        options = session.config.option
        if session.testsfailed or options.collectonly:
            return None
        self.claims = Path(tempfile.mkdtemp())
        number = self._forked(session.config, options.processes)
        is_last, alone = number == options.processes - 1, options.processes == 1
        files = files_to_take(session.items, number % 2 == 1, is_last, alone)
        _run(session, taken(self.claims, files))
        return True

    def _forked(self, config, count):
        """The number of this process, which is 0 in the one that collected."""
        for number in range(1, count):
            output = self.claims / f"printed-{number}"
            sys.stdout.flush()
            with warnings.catch_warnings():  # of threads: jemalloc's, which stands a fork
                warnings.simplefilter("ignore", DeprecationWarning)
                child = os.fork()
            if not child:
                _print_to(output, config)
                self.children, self.is_child = [], True
                return number
            self.children.append((child, output))
        return 0

    def ended(self, code):
        """The exit code: this process's, or that of the first child that did not end well."""
        if self.is_child:
            return code
        codes = [code]
        for child, output in self.children:
            codes.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
            sys.stdout.flush()
            sys.stdout.buffer.write(output.read_bytes())
            sys.stdout.flush()
        if self.children:
            shutil.rmtree(self.claims)
        return next((code for code in codes if code), 0)


def _print_to(output, config):
    """Let what this process prints go into a file; what tests print is captured as before."""
    capture = config.pluginmanager.getplugin("capturemanager")
    capture.stop_global_capturing()
    with output.open("wb") as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    capture.start_global_capturing()
    capture.suspend_global_capture()


def _run(session, tests):
    """Run the tests of this process; a Ray that none of the rest uses is ended.

    Idle on a busy machine it loses its nodes, and then ends the process it was started by.
    """
    on_ray = {item.path for item in session.items if _use("cluster", [item])}
    item = next(tests, None)
    while item is not None:
        following = next(tests, None)
        ends_ray = item.path in on_ray and following is not None and following.path not in on_ray
        upcoming = None if ends_ray else following  # None tears the fixtures of the session down
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=upcoming)
        if session.shouldfail:
            raise session.Failed(session.shouldfail)
        if session.shouldstop:
            raise session.Interrupted(session.shouldstop)
        item = following
