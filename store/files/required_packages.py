"""Packages that a command needs, looked for before any is imported.

A job of a cluster, or a Python outside the environment, would end in a traceback of an import.
"""

import importlib.util
import sys

NEEDED = ("numpy", "pandas", "pyarrow", "numba", "duckdb", "rich", "sqlalchemy", "typer")
OLDEST = (3, 11)


def require_packages(*more: str) -> None:
    """End the process in one line, with exit code 2, where its Python lacks what all needs.

    Args:
        more: packages that this command needs besides.
    """
    if sys.version_info < OLDEST:
        have = ".".join(str(part) for part in sys.version_info[:2])
        _end(f"is Python {have}, and Sweeper needs {OLDEST[0]}.{OLDEST[1]} or newer")
    missing = [name for name in (*NEEDED, *more) if importlib.util.find_spec(name) is None]
    if missing:
        _end(f"lacks {', '.join(missing)}")


def _end(fault: str) -> None:
    sys.stderr.write(
        f"{sys.executable}: {fault}; use the environment that `make` sets up (.venv/bin/python), "
        "or give a job `--runtime-env docs/cluster/runtime-env.yaml`\n"
    )
    sys.exit(2)
