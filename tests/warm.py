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


def run(kind, name, words, folder):
    """`python -m NAME WORDS` or `python -c NAME WORDS` in a folder; how it ended."""
    with TemporaryDirectory() as printed:
        files = [Path(printed, stream) for stream in ("out", "err")]
        command = (kind, name, words, folder, dict(os.environ), files)
        process = CONTEXT.Process(target=_become, args=command)
        process.start()
        process.join(LONGEST)
        assert process.exitcode is not None, f"{name}: has not ended"
        return Ended(process.exitcode, *(file.read_text() for file in files))


def _become(kind, name, words, folder, environment, files):
    for stream, file in enumerate(files, start=1):
        with file.open("wb") as output:
            os.dup2(output.fileno(), stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    sys.path.insert(0, str(folder))
    sys.argv = [name, *words]
    if kind == "-m":
        runpy.run_module(name, run_name="__main__", alter_sys=True)
    else:
        exec(name, {"__name__": "__main__"})
