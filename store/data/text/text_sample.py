"""The text of a file and its first lines: encoding, separator, header."""

import csv
import re
from pathlib import Path

from store.data.column_roles import roles_named
from store.data.text.csv_options import CsvOptions
from store.data.text.file_head import Sample
from store.errors import BadBars

LINES = 200
"""Lines that the form of a file is judged by."""
HEADER_WITHIN = 40
"""Lines in which a header is looked for."""
LONGEST = 100_000
"""Characters of a line; a longer first one is no header."""
SEPARATORS = (";", "\t", "|")
"""Looked for before the comma, which may also be a decimal mark."""
UTF16 = (b"\xff\xfe", b"\xfe\xff")
LEAST_ROLES = 3
TITLE = re.compile(r"\d+[a-z]?\. [a-zA-Z]")
"""A name that begins with a digit: 1. open."""


def decoded(content: bytes, file: Path, encoding: str | None) -> str:
    """The text of a file, with line feeds alone at the ends of lines, without a byte order mark.

    Raises:
        BadBars: it is no text.
        UnicodeDecodeError: it is not of the encoding.
    """
    if content.startswith(b"PK\x03\x04"):
        raise BadBars(f"{file}: is a zip archive or a spreadsheet; unpack it, or save it as CSV")
    if content.startswith(b"\x1f\x8b"):
        raise BadBars(f"{file}: is packed with gzip; call it .csv.gz")
    wide = content.startswith(UTF16)
    if b"\0" in content and not wide and not (encoding or "").lower().startswith("utf"):
        raise BadBars(f"{file}: holds a zero byte, which no text does; write it again")
    try:
        text = content.decode(encoding or ("utf-16" if wide else "utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise BadBars(
            f"{file}: not a readable .csv file: no {encoding or 'utf-8'} text, line "
            f"{line} has byte 0x{content[error.start]:02x}; set "
            "data.csv.encoding (latin-1, cp1252, utf-16)"
        ) from error
    text = text.removeprefix("\ufeff")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def sample_of(text: str, file: Path, options: CsvOptions) -> tuple[Sample, str]:
    """The first lines as cells, and the text from the first row of data on.

    Raises:
        BadBars: the file is empty, or its first line is longer than any header.
    """
    lines, place = _lines(text)
    if not lines:
        raise BadBars(f"{file}: is empty; write a header and bars into it")
    if len(lines[0]) > LONGEST:
        raise BadBars(f"{file}: its first line has over {LONGEST:,} bytes; that is no header")
    skip = options.skip or 0
    separator = options.separator or _separator(lines[skip:])
    cells = [_cells(line, separator) for line in lines]
    header, data = _header(cells, skip, options)
    names = () if header is None else tuple(name.strip("'\"").lower() for name in cells[header])
    above = lines[: data if header is None else header]
    body = text[place[data] :] if data < len(place) else ""
    title = "" if header is None else lines[header]
    return Sample(tuple(above), names, tuple(cells[data:]), separator, title), body


def _lines(text: str) -> tuple[list[str], list[int]]:
    """The first lines that are not blank, and where in the text each begins."""
    lines: list[str] = []
    places: list[int] = []
    start = 0
    while start < len(text) and len(lines) < LINES:
        stop = text.find("\n", start)
        stop = len(text) if stop < 0 else stop
        line = text[start:stop]
        if line.strip(" \t"):
            lines.append(line)
            places.append(start)
        start = stop + 1
    return lines, places


def _cells(line: str, separator: str) -> tuple[str, ...]:
    if len(line) > LONGEST:  # no row of bars; csv has a limit, pandas says what is wrong with it
        return tuple(cell.strip() for cell in line.split(separator))
    row = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
    return tuple(cell.strip() for cell in row)


def _separator(lines: list[str]) -> str:
    """The sign that cuts most lines into the same number of cells, else the comma."""
    for sign in SEPARATORS:
        counts = [line.count(sign) for line in lines]
        usual = max(set(counts), key=counts.count)
        if usual >= 1 and counts.count(usual) > len(counts) // 2:
            return sign
    return ","


def _header(cells: list[tuple[str, ...]], skip: int, options: CsvOptions) -> tuple[int | None, int]:
    """Which line is the header, if one is; and which is the first of the data."""
    named = _named_line(cells, skip)
    if options.header is False:
        return None, skip
    if named is None and isinstance(options.header, tuple):
        words = skip < len(cells) and not any(map(_is_number, cells[skip]))
        return (skip, skip + 1) if words else (None, skip)
    if named is not None:
        return named, named + 1
    start = _first_row(cells, skip)
    if start == skip and skip < len(cells) and not any(map(_is_number, cells[skip])):
        return skip, skip + 1  # words, though none that is known here
    return None, start


def _named_line(cells: list[tuple[str, ...]], skip: int) -> int | None:
    """The first line with the names of three roles, else of two, and without numbers."""
    for least in (LEAST_ROLES, LEAST_ROLES - 1):
        for line in range(skip, min(len(cells), skip + HEADER_WITHIN)):
            row = cells[line]
            if len(roles_named(row)) >= least and not any(map(_is_number, row)):
                return line
    return None


def _first_row(cells: list[tuple[str, ...]], skip: int) -> int:
    """The first line as wide as most are: what is above it are remarks."""
    widths = [len(row) for row in cells[skip:]]
    usual = max(set(widths), key=widths.count) if widths else 0
    return skip + next((k for k, width in enumerate(widths) if width == usual), 0)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return cell[:1].isdigit() and not TITLE.match(cell)
    return True
