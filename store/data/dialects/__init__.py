"""Vendors' ways of writing bars: one module per dialect, and the folder is the registry.

A dialect has `recognise(sample) -> Reading | None`: it looks at a file's first lines, never at its
name, and says how the file is read. One reader, `store.data.text.csv_table`, does the reading;
options that the user gives count before what a dialect says. A dialect that only some files can be
told from (no header, common names) asks for more signs than one that names itself.
"""

from typing import Protocol, cast

from store.data.text.file_head import Reading, Sample
from store.files.plug_ins import PlugInFolder


class Dialect(Protocol):
    """A file of this folder."""

    def recognise(self, sample: Sample) -> Reading | None:
        """Reading of a file that begins like this; None when it is not of this dialect."""


FOLDER = PlugInFolder(__name__, "dialect", "data.csv.dialect", ("recognise",))


def dialect_names() -> tuple[str, ...]:
    """The dialects there are: the modules of this folder."""
    return FOLDER.names()


def load(name: str) -> Dialect:
    """The dialect of a name."""
    return cast(Dialect, FOLDER.load(name))


def recognised(sample: Sample) -> Reading | None:
    """Reading by the one dialect that recognises a file."""
    readings = (load(name).recognise(sample) for name in dialect_names())
    return next((reading for reading in readings if reading is not None), None)
