"""Bars in the user's own files: one file, or a folder with a file per symbol."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from store.data.shape import shape
from store.data.spec import SYMBOL, DataSpec, choose
from store.data.table import Table
from store.errors import BadBars, BadName, one_line

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
        raw = read_file(file, suffixes, read, damage)
        adjusted = bool(spec.options.get("adjusted"))
        tables[symbol] = Table(str(file), shape(raw, str(file), adjusted=adjusted))
    return tables


def read_file(
    file: Path, suffixes: tuple[str, ...], read: Reader, damage: tuple[type[Exception], ...]
) -> pd.DataFrame:
    """One file, as its reader gives it; see `load_files`."""
    try:
        return read(file)
    except damage as error:
        raise BadBars(
            f"{file}: not a readable {suffixes[0]} file: {one_line(error)}; write it anew"
        ) from error


def _files(spec: DataSpec, suffixes: tuple[str, ...]) -> dict[str, Path]:
    if spec.path is None:
        raise ValueError(
            f"data.path: source {spec.source} reads files; give a file, or a folder with "
            f"SYMBOL{suffixes[0]}"
        )
    path = Path(spec.path).expanduser()
    if path.is_dir():
        return _folder_files(path, spec, suffixes)
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


def _folder_files(folder: Path, spec: DataSpec, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """The files of the symbols wanted; each lies in the folder, and is the only one of its name."""
    found: dict[str, list[Path]] = {}
    for file in sorted(folder.iterdir()):
        if symbol := _symbol(file, suffixes):
            found.setdefault(symbol, []).append(file)
    if not found:
        raise ValueError(f"data.path: no {suffixes[0]} file in folder {folder}")
    chosen = choose(spec.symbols, found, f"folder {folder}")
    return {name: _one_file(folder, name, found[name]) for name in chosen}


def _one_file(folder: Path, symbol: str, files: list[Path]) -> Path:
    if len(files) > 1:
        names = " and ".join(file.name for file in files)
        raise ValueError(f"data.path: {names} in {folder} are all {symbol}; keep one of them")
    (file,) = files
    if not file.resolve().is_relative_to(folder.resolve()):
        raise BadName(f"data.path: {file} leads out of its folder; give the path of the file")
    if not file.is_file():
        raise ValueError(f"data.path: {file} is no file; remove it, or choose data.symbols")
    return file


def _symbol(file: Path, suffixes: tuple[str, ...]) -> str:
    """Name of the symbol in a file; empty when the file is of another kind."""
    for suffix in suffixes:
        if file.name.lower().endswith(suffix):
            name = file.name[: -len(suffix)]
            return name if SYMBOL.fullmatch(name) else ""
    return ""
