"""Commands in processes of their own that need not import all that they are made of.

A fresh Python takes two seconds for it, ten times a small command. These are forked from a process
in which nothing has run yet: what a command does to its process, no other sees.
"""

import os
import runpy
import sys
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.sweeper.cli import Ended

LONGEST = 300
CONTEXT = get_context("forkserver")
CONTEXT.set_forkserver_preload(["tests.warm_modules"])


class Started:
    """A command that runs, `python -m NAME WORDS` or `python -c NAME WORDS`, in a folder."""

    def __init__(self, kind, name, words, folder):
        self._printed = TemporaryDirectory()
        self._files = [Path(self._printed.name, stream) for stream in ("out", "err")]
        command = (kind, name, words, folder, dict(os.environ), self._files)
        self._process = CONTEXT.Process(target=_become, args=command)
        self._process.start()

    def ended(self):
        """How it ended, when it has."""
        with self._printed:
            self._process.join(LONGEST)
            assert self._process.exitcode is not None, "has not ended"
            return Ended(self._process.exitcode, *(file.read_text() for file in self._files))


def run(kind, name, words, folder):
    """Run such a command; how it ended."""
    return Started(kind, name, words, folder).ended()


def _become(kind, name, words, folder, environment, files):
    for stream, file in enumerate(files, start=1):
        with file.open("wb") as output:
            os.dup2(output.fileno(), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path.insert(0, str(folder))
    sys.argv = [kind, *words]
    if kind == "-m":
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        exec(name, {"__name__": "__main__"})
