"""Tools that are not always installed."""

import importlib
from typing import Any

from store.errors import StoreError


def extra(name: str, package: str) -> Any:
    """Import the tool `name`, which the extra of that name installs.

    Args:
        name: of its module and of the extra.
        package: what to install.

    Raises:
        StoreError: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError:
        raise StoreError(
            f"{name}: needs the extra `{name}`: .venv/bin/python -m pip install {package}"
        ) from None


def one_line(error: Exception) -> str:
    """What a tool complains of, short enough for one line."""
    return " ".join(str(error).split())[:400] or type(error).__name__
