"""Packages that only one source, tracker or page needs: imported when they are asked for."""

import importlib
from typing import Any

from store.errors import StoreError


def extra(module: str, *packages: str) -> Any:
    """A module of an optional package.

    Raises:
        StoreError: it is not installed; says what to install.
    """
    try:
        return importlib.import_module(module)
    except ImportError:
        wanted = " ".join(packages)
        raise StoreError(
            f"{packages[0]}: is not installed; .venv/bin/python -m pip install {wanted}"
        ) from None
