"""`python -m tests ARGS`: pytest in several processes at once, which share the files.

One process collects all tests and forks; who runs what is in `tests/claims.py`. ARGS are pytest's,
`--processes N` among them (two when it is not given). Linear algebra keeps to one core in each.
What the process at the terminal prints is seen as it comes, the others' when all have ended.
"""

import os
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main(words: list[str], place: Path = HERE) -> int:
    """Run the tests of a folder; 0, or the exit code of a process that did not end well."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    # Tests are rewritten and compiled at every start where nothing is kept, and so is all code in
    # each process that a test starts: a second of every two.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    import pytest  # late: Hypothesis, a plugin of it, imports NumPy

    from tests.claims import Shared

    shared = Shared()
    code = pytest.main(["-o", "console_output_style=classic", *words, str(place)], [shared])
    return shared.ended(int(code))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
