"""The checkout on the path of its environment: `python -m sweeper.checkout`, which `make` runs.

Nothing is installed: the environment gets a `.pth` file, so that `python -m sweeper` and `from
sweeper.sweep import sweep` work from any folder, and a script `sweeper`. Both look into the folder
they are started in first, as Python does for `-m`: of a job on a cluster that is the uploaded code.
"""

import sysconfig
import tomllib
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

PATH_FILE = "sweeper_checkout.pth"

SCRIPT = """#!{python}
import os
import sys

sys.path.insert(0, os.getcwd())  # as `python -m` does: uploaded code, strategies of your own

from sweeper.app import main

if __name__ == "__main__":
    sys.exit(main())
"""


def add_to(paths: Mapping[str, str], python: Path) -> None:
    """Write both files of an environment.

    Args:
        paths: `purelib` and `scripts` of it, as `sysconfig.get_paths` gives them.
        python: its interpreter.
    """
    Path(paths["purelib"], PATH_FILE).write_text(f"{ROOT}\n")
    script = Path(paths["scripts"], "sweeper")
    script.write_text(SCRIPT.format(python=python))
    script.chmod(0o755)


def version() -> str:
    """Version of this checkout."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return str(project["version"])


if __name__ == "__main__":
    paths = sysconfig.get_paths()
    add_to(paths, Path(paths["scripts"], "python"))
