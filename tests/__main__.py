"""`python -m tests ARGS`: pytest in two processes at once, each with its part; ARGS go to both.

Nearly all tests keep one core busy, and the others idle: two processes take 0.6 of the time of one.
What starts Ray is in one part, so that there is one Ray. That part's output is seen as it comes,
the other's when both have ended.
"""

import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).parent
SEEN = [HERE / "sweeper", *sorted(HERE.glob("test_*.py"))]
ASIDE = [HERE / name for name in ("benchmarks", "kernels", "promote", "store")]


def main(words: list[str]) -> int:
    """Run both; 0, or the exit code of one that did not end well."""
    pytest = [sys.executable, "-m", "pytest", *words]
    with tempfile.TemporaryFile() as output:
        aside = subprocess.Popen([*pytest, *ASIDE], stdout=output, stderr=subprocess.STDOUT)
        seen = subprocess.Popen([*pytest, *SEEN])
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # it is for both of them, who clear up
        codes = [seen.wait(), aside.wait()]
        output.seek(0)
        shutil.copyfileobj(output, sys.stdout.buffer)
    return next((code for code in codes if code), 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
