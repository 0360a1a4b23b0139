"""`python -m tests ARGS`: pytest in two processes at once, which share the files; ARGS go to both.

Nearly all tests keep one core busy, and the others idle: two processes take 0.6 of the time of one.
Who runs what is in `tests/claims.py`; linear algebra keeps to one core in each. The output of one
process is seen as it comes, the other's when both have ended.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent


def main(words: list[str], place: Path = HERE) -> int:
    """Run the tests of a folder; 0, or the exit code of a process that did not end well."""
    with tempfile.TemporaryDirectory() as claims, tempfile.TemporaryFile() as output:
        plugin = ["-p", "tests.claims", "--claims", claims, "-o", "console_output_style=classic"]
        pytest = [sys.executable, "-m", "pytest", *plugin, *words, str(place)]
        own = {"env": os.environ | {"OPENBLAS_NUM_THREADS": "1"}}
        aside = subprocess.Popen(pytest, stdout=output, stderr=subprocess.STDOUT, **own)
        seen = subprocess.Popen([*pytest, "--from-the-end"], **own)
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for both of them, who clear up
        codes = [seen.wait(), aside.wait()]
        output.seek(0)
        shutil.copyfileobj(output, sys.stdout.buffer)
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
