"""Packages that only one vendor needs: imported when they are asked for."""

import importlib
from typing import Any


def extra(module: str, *packages: str) -> Any:
    """A module of an optional package.

    Raises:
        ValueError: it is not installed; says what to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        wanted = " ".join(packages)
        raise ValueError(
            f"{packages[0]}: is not installed; .venv/bin/python -m pip install {wanted}"
        ) from None
