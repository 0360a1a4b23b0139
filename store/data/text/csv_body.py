"""The rows of a CSV file: without titles and remarks, and cut into cells by pandas."""

import csv
import io
import warnings
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from store.data.text.file_head import Sample
from store.data.text.text_sample import LONGEST
from store.data.trouble import Note
from store.errors import BadBars, shorten

FOOTER = 5
"""Lines at the end that may be no data."""


def rows_alone(sample: Sample, body: str, below: int, note: Note) -> str:
    """The rows without lines of titles, repeated headers and remarks at the end.

    Args:
        sample: of the file.
        body: its text below the header.
        below: lines of titles in it.
        note: hears what is left out.
    """
    for _ in range(below):
        body = body.partition("\n")[2]
    title = f"\n{sample.title}\n"
    if sample.title and (again := f"\n{body}".count(title)):
        body = f"\n{body}".replace(title, "\n").removeprefix("\n")
        times = "once" if again == 1 else f"{again} times"
        note(f"the header is there again, {times} between the rows: left out")
    return _without_footer(sample, body, note)


def _without_footer(sample: Sample, body: str, note: Note) -> str:
    """Cut off remarks: last lines that begin with no digit and have fewer cells."""
    rest = body.rstrip("\n \t")
    width = max(2, sample.width)
    for _ in range(FOOTER):
        start = rest.rfind("\n") + 1
        line = rest[start:].strip().strip('"')
        cells = line.count(sample.separator) + 1
        if not line or not line[0].isalpha() or cells >= width or start == 0:
            break
        note(f"the last line is no data: left out ({shorten(line, 40)})")
        rest = rest[:start].rstrip("\n \t")
    return f"{rest}\n" if rest else ""


def parsed(
    file: Path,
    sample: Sample,
    body: str,
    names: Sequence[str],
    words: Sequence[str],
    decimal: str,
) -> pd.DataFrame:
    """The rows as a table: plain numbers as numbers, all else as text.

    Args:
        file: for errors.
        sample: of the file.
        body: rows alone.
        names: of all columns.
        words: columns that are to stay text.
        decimal: mark before the fraction of a number.

    Raises:
        BadBars: a row has more cells than there are names, or a quote is not closed.
    """
    with warnings.catch_warnings():
        # Rows longer than the header would otherwise lose cells with no more than a warning.
        warnings.simplefilter("error", pd.errors.ParserWarning)
        try:
            table = pd.read_csv(
                io.StringIO(body),
                sep=sample.separator,
                header=None,
                names=list(range(len(names))),
                index_col=False,
                decimal=decimal,
                skipinitialspace=True,
                dtype={list(names).index(word): "str" for word in words},
            )
        except (pd.errors.ParserError, pd.errors.ParserWarning) as error:
            raise _misfit(file, sample, body, len(names)) from error
        except pd.errors.EmptyDataError:
            table = pd.DataFrame({place: pd.Series(dtype="str") for place in range(len(names))})
    return table.set_axis(list(names), axis=1)


def _misfit(file: Path, sample: Sample, body: str, width: int) -> BadBars:
    """The row that has too many cells, or a quote that is not closed."""
    above = len(sample.above) + bool(sample.names)
    for number, line in enumerate(body.splitlines()):
        if len(line) > LONGEST:
            continue
        cells = next(csv.reader([line], delimiter=sample.separator), [])
        if any(cell.strip() for cell in cells[width:]):
            return BadBars(
                f"{file}: not a readable .csv file: line {above + number + 1} has {len(cells)} "
                f"cells, there are names for {width}; correct the line, or name all columns, "
                "data.csv.header=[...]"
            )
    return BadBars(
        f"{file}: not a readable .csv file: a quote is opened and never closed; correct it"
    )
