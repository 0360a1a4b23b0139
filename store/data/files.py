"""Bars in the user's own files: one file, or a folder with a file per symbol."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from store.data.shape import shape
from store.data.spec import SYMBOL, DataSpec, choose
from store.data.table import Table
from store.errors import BadBars

Reader = Callable[[Path], pd.DataFrame]
"""Reads one file; raises what its library raises."""


def load_files(
    spec: DataSpec, suffixes: tuple[str, ...], read: Reader, damage: tuple[type[Exception], ...]
) -> dict[str, Table]:
    """Load the files of a spec.

    Args:
        spec: its path is a file, whose symbol is its name unless the spec states one, or a folder
            with SYMBOL<suffix> for each symbol.
        suffixes: of the files, in lower case, the usual one first.
        read: reads one file.
        damage: exceptions of `read` that mean the file is not what it should be.

    Raises:
        ValueError: no such file, or no file for a symbol.
        BadBars: a file that cannot be read, or not as bars.
    """
    tables = {}
    for symbol, file in _files(spec, suffixes).items():
        try:
            raw = read(file)
        except damage as error:
            reason = " ".join(str(error).split()).removesuffix(".")
            raise BadBars(
                f"{file}: not a readable {suffixes[0]} file: {reason}; write it anew"
            ) from error
        adjusted = bool(spec.options.get("adjusted"))
        tables[symbol] = Table(str(file), shape(raw, str(file), adjusted=adjusted))
    return tables


def _files(spec: DataSpec, suffixes: tuple[str, ...]) -> dict[str, Path]:
    if spec.path is None:
        raise ValueError(
            f"data.path: source {spec.source} reads files; give a file, or a folder with "
            f"SYMBOL{suffixes[0]}"
        )
    path = Path(spec.path).expanduser()
    if path.is_dir():
        found = {
            _symbol(file, suffixes): file
            for file in sorted(path.iterdir())
            if _symbol(file, suffixes)
        }
        if not found:
            raise ValueError(f"data.path: no {suffixes[0]} file in folder {path}")
        return {name: found[name] for name in choose(spec.symbols, found, f"folder {path}")}
    if not path.is_file():
        raise ValueError(f"data.path: no file or folder {path}, from folder {Path.cwd()}")
    if len(spec.symbols) > 1:
        raise ValueError(
            f"data.path: {path} is one file for {len(spec.symbols)} symbols; give one symbol, or a "
            f"folder with SYMBOL{suffixes[0]}"
        )
    symbol = spec.symbols[0] if spec.symbols else _symbol(path, suffixes) or path.stem
    if not SYMBOL.fullmatch(symbol):
        raise ValueError(f"data.symbols: {path.name} is no symbol; state one, data.symbols=[NAME]")
    return {symbol: path}


def _symbol(file: Path, suffixes: tuple[str, ...]) -> str:
    """Name of the symbol in a file; empty when the file is of another kind."""
    for suffix in suffixes:
        if file.name.lower().endswith(suffix):
            name = file.name[: -len(suffix)]
            return name if SYMBOL.fullmatch(name) else ""
    return ""
