"""Bars in the user's own files: one file, or a folder with a file per symbol."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from store.data.normalise import shape
from store.data.source_table import Table
from store.data.spec import SYMBOL, DataSpec, choose, suggest
from store.data.text.symbol_parts import Part, oldest_first
from store.errors import BadBars, BadName, one_line, shorten

Content = TypeVar("Content")
Reader = Callable[[Path], Sequence[Part]]
"""Reads one file, a part per symbol in it; raises what its library raises."""


def load_files(
    spec: DataSpec, suffixes: tuple[str, ...], read: Reader, damage: tuple[type[Exception], ...]
) -> dict[str, Table | BadBars]:
    """Load the files of a spec.

    Args:
        spec: its path is a file, with one symbol or with several, or a folder with
            SYMBOL<suffix> for each symbol.
        suffixes: of the files, in lower case, the usual one first.
        read: reads one file.
        damage: exceptions of `read` that mean the file is not what it should be.

    Returns:
        Tables by symbol; in the place of a file of a folder that is no bars the reason, unless its
        symbol was asked for.

    Raises:
        ValueError: no such file, or no file for a symbol.
        BadBars: a file that cannot be read, or not as bars.
    """
    path = _path(spec, suffixes)
    if not path.is_dir():
        parts = read_file(path, suffixes, read, damage)
        named = _named(parts, path, spec, suffixes)
        return {symbol: _table(part, path, spec) for symbol, part in named.items()}
    tables: dict[str, Table | BadBars] = {}
    if not spec.symbols:
        tables |= _without_symbol(path, suffixes)
    for symbol, file in _folder_files(path, spec, suffixes).items():
        try:
            part = _own_part(read_file(file, suffixes, read, damage), symbol, file)
            tables[symbol] = _table(part, file, spec)
        except BadBars as misfit:
            if spec.symbols:
                raise
            tables[symbol] = misfit
    _check_some(tables)
    return tables


def read_file(
    file: Path,
    suffixes: tuple[str, ...],
    read: Callable[[Path], Content],
    damage: tuple[type[Exception], ...],
) -> Content:
    """Bars of one file, as a reader gives them; see `load_files`."""
    try:
        return read(file)
    except damage as error:
        raise BadBars(
            f"{file}: not a readable {suffixes[0]} file: {one_line(error)}; write it again"
        ) from error


def _table(part: Part, file: Path, spec: DataSpec) -> Table:
    notes = list(part.notes)
    adjusted = bool(spec.options.get("adjusted"))
    frame = shape(part.frame, str(file), adjusted=adjusted, note=notes.append)
    frame = oldest_first(frame, notes.append) if not _is_turned(spec) else frame
    line = ("; ".join(notes),) if notes else ()
    return Table(str(file), frame, notes=line, naive=part.naive)


def _is_turned(spec: DataSpec) -> bool:
    """True when the user has said which way the rows go."""
    options = spec.options.get("csv") or {}
    return options.get("newest_first") is not None


def _check_some(tables: dict[str, Table | BadBars]) -> None:
    """Raise the first reason when no file of a folder is bars."""
    misfits = [table for table in tables.values() if isinstance(table, BadBars)]
    if len(misfits) == len(tables):
        raise misfits[0]


def _path(spec: DataSpec, suffixes: tuple[str, ...]) -> Path:
    if spec.path is None:
        raise ValueError(
            f"data.path: source {spec.source} reads files; give a file, or a folder with "
            f"SYMBOL{suffixes[0]}"
        )
    path = Path(spec.path).expanduser()
    if not path.is_dir() and not path.is_file():
        raise ValueError(f"data.path: no file or folder {path}, from folder {Path.cwd()}")
    return path


def _named(
    parts: Sequence[Part], path: Path, spec: DataSpec, suffixes: tuple[str, ...]
) -> dict[str, Part]:
    """The symbols that are wanted of a file: its own names for them, or the file's name."""
    inside = {part.symbol: part for part in parts}
    stem = _symbol(path, suffixes) or path.stem
    if len(inside) > 1:
        return {name: inside[name] for name in choose(spec.symbols, inside, str(path))}
    if not parts:
        raise BadBars(f"{path}: too little history, got 0 bars; need at least 2")
    (part,) = parts
    if len(spec.symbols) > 1:
        raise ValueError(
            f"data.path: {path} is one file for {len(spec.symbols)} symbols; give one symbol, or a "
            f"folder with SYMBOL{suffixes[0]}"
        )
    own = part.symbol if SYMBOL.fullmatch(part.symbol) else stem
    symbol = spec.symbols[0] if spec.symbols else own
    if part.symbol and symbol not in (own, stem):
        raise ValueError(f"data.symbols: {path} has no {symbol!r}; {suggest(symbol, [own])}")
    if not SYMBOL.fullmatch(symbol):
        raise ValueError(f"data.symbols: {path.name} is no symbol; state one, data.symbols=[NAME]")
    return {symbol: part}


def _own_part(parts: Sequence[Part], symbol: str, file: Path) -> Part:
    """Bars of the symbol that a file in a folder is named after."""
    if len(parts) == 1:
        return parts[0]
    if not parts:
        raise BadBars(f"{file}: too little history, got 0 bars; need at least 2")
    for part in parts:
        if part.symbol == symbol:
            return part
    names = shorten(", ".join(part.symbol for part in parts), 100)
    raise BadBars(
        f"{file}: holds {len(parts)} symbols ({names}), none of them {symbol}; give the file "
        f"itself as data.path, and data.symbols=[{parts[0].symbol}]"
    )


def _folder_files(folder: Path, spec: DataSpec, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """The files of the symbols wanted; each lies in the folder, and is the only one of its name."""
    by_symbol: dict[str, list[Path]] = {}
    for file in sorted(folder.iterdir()):
        if symbol := _symbol(file, suffixes):
            by_symbol.setdefault(symbol, []).append(file)
    if not by_symbol:
        raise ValueError(f"data.path: no {suffixes[0]} file in folder {folder}")
    chosen = choose(spec.symbols, by_symbol, f"folder {folder}")
    return {name: _one_file(folder, name, by_symbol[name]) for name in chosen}


def _without_symbol(folder: Path, suffixes: tuple[str, ...]) -> dict[str, BadBars]:
    """Files of a folder whose names are no symbols, with the reason to leave them out."""
    files = [file for file in sorted(folder.iterdir()) if not file.name.startswith(".")]
    return {
        file.name: BadBars(f"{file}: its name is no symbol; rename it, or give it as data.path")
        for file in files
        if file.name.lower().endswith(suffixes) and not _symbol(file, suffixes)
    }


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
