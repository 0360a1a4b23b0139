"""The one reader of CSV files: text in whatever dialect, prices and times out.

First the form: encoding, separator, header, which column is which (`store.data.text.text_sample`,
the dialects, `store.data.column_roles`). Then the cells: times and numbers. All that is wrong is
collected and said at once, with the option that mends it; pandas is never asked to guess.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from store.data.calendars.times import moments, row_name
from store.data.column_roles import PRICES, among, assign, check_given
from store.data.decompress import content
from store.data.dialects import recognised
from store.data.text.csv_body import parsed, rows_alone
from store.data.text.csv_options import CsvOptions
from store.data.text.file_head import Reading, Sample
from store.data.text.numbers import Marks, numbers
from store.data.text.text_sample import decoded, sample_of
from store.data.text.times import Moments
from store.data.text.times import date_and_clock as joined
from store.data.text.unnamed_columns import by_order, dated
from store.data.trouble import Trouble, Troubles
from store.errors import BadBars, shorten


@dataclass(frozen=True)
class RawBars:
    """A file's bars, as they stand in it.

    Attributes:
        frame: the columns of roles under the roles' names, features under their own, and `symbol`
            where there is such a column; the index are times without a zone, in the file's order.
        naive: whether the time zone of the times is not given.
        timezone: of that clock, where it is known.
        notes: what was settled on the way, one line each.
    """

    frame: pd.DataFrame
    naive: bool
    timezone: str | None
    notes: tuple[str, ...]


def read_csv(file: Path, options: CsvOptions) -> RawBars:
    """Read a file.

    Raises:
        BadBars: all that is wrong with it, and the options that mend it.
        OSError, EOFError, zlib.error: it cannot be read at all.
    """
    text = decoded(content(file), file, options.encoding)
    sample, body = sample_of(text, file, options)
    if "<html" in text[:2000].lower():
        raise BadBars(f"{file}: no time column among {among(sample.names)}: a web page, no bars")
    return _Reader(file, sample, body, options).read()


class _Reader:
    """The steps, sharing the file, its form, and what was found out and went wrong."""

    def __init__(self, file: Path, sample: Sample, body: str, options: CsvOptions) -> None:
        self.file, self.sample, self.body, self.options = file, sample, body, options
        self.notes: list[str] = []
        self.troubles = Troubles()
        self.decimal, self.thousands = ".", ","
        self.times = pd.DatetimeIndex([])

    def _row(self, row: int) -> str:
        """A row in an error, with its time where that could be read."""
        return row_name(self.times, row) if len(self.times) else f"row {row + 1}"

    def read(self) -> RawBars:
        """The bars of the file; BadBars with all that is wrong."""
        reading = self._reading()
        names = self._names(reading)
        sample = replace(self.sample, names=names)
        if self.troubles.faults:  # names that do not fit the columns: no cell has a place
            self.troubles.check(str(self.file))
        columns = self._columns(sample, reading)
        cells = self._cells(names, columns, reading)
        times = self._times(cells, columns, reading)
        self.times = self.times if times is None else times.times
        frame = self._numbers(cells, columns, reading)
        if times is not None and "symbol" not in columns:
            self._check_symbols(cells, times)
        self.troubles.check(str(self.file))
        assert times is not None
        frame.index = times.times.rename("time")
        zone = self.options.timezone or reading.timezone
        if zone and not times.naive and self.options.timezone:
            raise BadBars(
                f"{self.file}: the times say their zone themselves; leave data.csv.timezone out"
            )
        return RawBars(frame, times.naive, zone if times.naive else None, self._told(reading))

    def _reading(self) -> Reading:
        """Reading by a dialect, or of a plain file."""
        by_hand = isinstance(self.options.header, tuple)
        reading = None if by_hand else recognised(self.sample)
        return reading or Reading("", features=True)

    def _names(self, reading: Reading) -> tuple[str, ...]:
        """Names of the columns: the user's, the dialect's, the header's, or by their order."""
        header = self.options.header
        names = reading.names or self.sample.names
        names = tuple(name or f"unnamed: {place}" for place, name in enumerate(names))
        if isinstance(header, tuple):
            names = tuple(name.strip().lower() for name in header)
            if len(names) != self.sample.width:
                self.troubles.faults.append(
                    f"data.csv.header names {len(names)} columns, the file has {self.sample.width}"
                )
        elif self.sample.width == 1 and not reading.names:
            self.troubles.faults.append(
                f"no time column among {among(names)}: its cells are not separated by commas, "
                "semicolons, tabs or bars; set data.csv.separator"
            )
        elif not names:
            with self.troubles.collect():
                names = by_order(self.sample)
            self.notes.append(f"no header: columns read as {', '.join(names)}")
        for name in dict.fromkeys(names):
            if name and names.count(name) > 1:
                self.troubles.faults.append(
                    f"column {shorten(name)} is there twice; keep one of them, or name them all, "
                    "data.csv.header=[...]"
                )
        return names

    def _columns(self, sample: Sample, reading: Reading) -> dict[str, str]:
        """The column of each role; what is missing is a fault."""
        faults = len(self.troubles.faults)
        columns = assign(sample, reading, self.options.columns, self.troubles)
        if len(self.troubles.faults) > faults or not sample.names:
            return columns
        if reading.wide:
            return columns
        missing = [name for name in PRICES if name not in columns]
        if "time" not in columns and "date" not in columns:
            before = len(self.troubles.faults)
            with self.troubles.collect():
                columns["time"] = dated(sample)
            if len(self.troubles.faults) > before and len(missing) >= 3:
                self.troubles.faults[before:] = [
                    f"no time column among {among(sample.names)}, and no open, high, low, close "
                    "columns: these are no bars, unless data.csv.columns names them"
                ]
                return columns
        if missing == ["open", "high", "low"]:
            if not self.options.closes_only:
                self.troubles.faults.append(
                    "column open, high, low is missing, there are closes only; "
                    "data.csv.closes_only=true makes flat bars of them, whose fills at the next "
                    "open are fills at the next close"
                )
        elif missing:
            self.troubles.faults.append(
                f"column {', '.join(missing)} is missing, got {among(sample.names)}; bars need "
                f"open, high, low, close: name them, data.csv.columns.{missing[0]}=NAME"
            )
        return columns

    def _cells(
        self, names: tuple[str, ...], columns: Mapping[str, str], reading: Reading
    ) -> pd.DataFrame:
        """The table, numbers as numbers where they are plain, all else as text."""
        below = reading.below or self._titles()
        body = rows_alone(self.sample, self.body, below, self.notes.append)
        words = [columns[role] for role in ("time", "date", "symbol") if role in columns]
        decimal = self.options.decimal or _decimal(self.sample)
        table = parsed(self.file, self.sample, body, names, words, decimal)
        marks = Marks()
        prices = [columns[role] for role in (*PRICES, "volume", "adj_close") if role in columns]
        prices += [name for each in reading.wide.values() for name in each.values()]
        for name in prices:
            if _is_text(table[name]):
                marks.see(table[name].dropna().head(20_000))
            elif table[name].dtype.kind == "f" and (table[name].dropna() % 1 != 0).any():
                marks.decimals.add(decimal)
        with self.troubles.collect():
            self.decimal, self.thousands = marks.settle(
                self.options.decimal, self.options.thousands
            )
            if self.decimal != decimal:
                table = parsed(self.file, self.sample, body, names, words, self.decimal)
            if self.decimal == ",":
                self.notes.append("decimal commas")
        return table

    def _titles(self) -> int:
        """Lines below a header that hold no digit: units, say."""
        words = [not any(map(str.isdigit, "".join(row))) for row in self.sample.rows[:3]]
        lines = words.index(False) if self.sample.names and False in words else 0
        titles = (" ".join(row) for row in self.sample.rows[:lines])
        self.notes += [
            f"below the header, left out: {shorten(title.strip(), 40)}" for title in titles
        ]
        return lines

    def _times(
        self, cells: pd.DataFrame, columns: Mapping[str, str], reading: Reading
    ) -> Moments | None:
        """The times, from one column or two."""
        name = columns.get("time") or columns.get("date")
        if name is None:
            return None
        text = cells[name].reset_index(drop=True)
        if "date" in columns and "time" in columns:
            text = joined(cells[columns["date"]], cells[columns["time"]])
        form = self.options.date_format or reading.date_format
        try:
            return moments(text, form, self.options.time_unit, self.notes.append)
        except Trouble as fault:
            hint = "" if "data.csv." in str(fault) else ", or set data.csv.date_format"
            self.troubles.faults.append(f"{fault}{hint}")
            return None

    def _check_symbols(self, cells: pd.DataFrame, times: Moments) -> None:
        """A fault where times are there several times, and a column of words tells them apart."""
        if not times.times.has_duplicates:
            return
        for name in cells.columns:
            if _is_text(cells[name]) and 1 < cells[name].nunique() <= len(cells) // 2:
                keys = pd.DataFrame({"time": times.times, "word": cells[name].to_numpy()})
                if not keys.duplicated().any():
                    self.troubles.faults.append(
                        f"times are there several times, once for each {name}; if that is the "
                        f"symbol, data.csv.symbol={name}"
                    )
                    return

    def _numbers(
        self, cells: pd.DataFrame, columns: Mapping[str, str], reading: Reading
    ) -> pd.DataFrame:
        """Prices, volume and features as float64, symbols as text."""
        taken = {role: name for role, name in columns.items() if role not in ("time", "date")}
        result: dict[str, object] = {}
        for role in (*PRICES, "volume", "adj_close"):
            empty = role == "volume" and role in taken and cells[taken[role]].isna().all()
            if role in taken and not empty:  # a volume that is empty throughout is none
                result[role] = self._column(cells[taken[role]], role)
        if self.options.closes_only and "open" not in result and "close" in result:
            result |= dict.fromkeys(("open", "high", "low"), result["close"])
            self.notes.append("closes only: every bar is flat, the next open is the next close")
        for symbol, own in reading.wide.items():
            for role, name in own.items():
                result[f"{symbol}\n{role}"] = self._column(cells[name], role)
        if "symbol" in taken:
            symbols = cells[taken["symbol"]]
            result["symbol"] = symbols.to_numpy()
            if symbols.isna().any():
                row = int(symbols.isna().to_numpy().argmax())
                self.troubles.faults.append(f"{self._row(row)}: has no symbol; correct the row")
        self._features(cells, columns, reading, result)
        return pd.DataFrame(result)

    def _column(self, column: pd.Series, role: str) -> np.ndarray:
        """A column as float64; a cell that is no number is a fault."""
        if column.dtype.kind == "b":
            self.troubles.faults.append(
                f"column {role} holds bool, not numbers; write numbers, or drop the column"
            )
        if not _is_text(column):
            return column.to_numpy(np.float64)
        parse = partial(numbers, column, self.decimal, self.thousands, role, row_name=self._row)
        blank = np.full(len(column), np.nan)
        return self.troubles.attempt(lambda: parse(volume=role == "volume"), blank)

    def _features(
        self,
        cells: pd.DataFrame,
        columns: Mapping[str, str],
        reading: Reading,
        result: dict[str, object],
    ) -> None:
        """Other columns of numbers, if the dialect or the user wants them; words are left out."""
        wanted = check_given(self.options.columns)
        others = [name for name in cells.columns if name not in columns.values()]
        others = [name for name in others if not _is_blank(name, cells[name])]
        others = [name for name in others if not reading.wide]
        left = []
        for name in others:
            column = cells[name]
            if not reading.features or not _has_numbers(column):
                left.append(name)
            else:
                result[name] = self._column(column, name)
        for name in wanted:
            result[name] = self._column(cells[columns[name]], name)
        if left:
            keep = "" if reading.features else "; data.csv.columns.NAME=NAME keeps one as a feature"
            self.notes.append(f"left out: {', '.join(left)}{keep}")

    def _told(self, reading: Reading) -> tuple[str, ...]:
        """All notes; what the file was read as comes first, unless it is a plain one."""
        above = [shorten(line.strip(), 40) for line in self.sample.above[:2]]
        notes = [*reading.notes, *self.notes]
        notes += [f"above the header, left out: {line}" for line in above]
        head = [f"read as: {reading.dialect}"] if reading.dialect else []
        return tuple(head + notes)


def _decimal(sample: Sample) -> str:
    """The decimal mark, by the first rows: a comma only where it plainly is one."""
    if sample.separator == ",":
        return "."
    marks = Marks()
    marks.see(cell for row in sample.rows for cell in row[1:])
    return "," if marks.decimals == {","} else "."


def _is_blank(name: str, column: pd.Series) -> bool:
    """True when a column has neither a name nor a cell: commas at the ends of lines."""
    return name.startswith("unnamed: ") and bool(column.isna().all())


def _is_text(column: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(column)


def _has_numbers(column: pd.Series) -> bool:
    """True when a column has numbers at all: words alone are no feature."""
    if column.dtype.kind == "b":
        return False
    if not _is_text(column):
        return True
    return bool(pd.to_numeric(column.dropna().head(1000), errors="coerce").notna().any())
