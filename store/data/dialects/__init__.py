"""Vendors' ways of writing bars: one module per dialect, and the folder is the registry.

A dialect has `recognise(sample) -> Reading | None`: it looks at a file's first lines, never at its
name, and says how the file is read. One reader, `store.data.text.csv_table`, does the reading;
options that the user gives count before what a dialect says. A dialect that only some files can be
told from (no header, common names) asks for more signs than one that names itself.
"""

import importlib
import pkgutil
from typing import Protocol, cast

from store.data.text.file_head import Reading, Sample


class Dialect(Protocol):
    """A file of this folder."""

    def recognise(self, sample: Sample) -> Reading | None:
        """Reading of a file that begins like this; None when it is not of this dialect."""


def dialect_names() -> tuple[str, ...]:
    """The dialects there are: the modules of this folder."""
    return tuple(sorted(module.name for module in pkgutil.iter_modules(__path__)))


def load(name: str) -> Dialect:
    """The dialect of a name."""
    return cast(Dialect, importlib.import_module(f"{__name__}.{name}"))


def recognised(sample: Sample) -> Reading | None:
    """Reading by the one dialect that recognises a file."""
    readings = (load(name).recognise(sample) for name in dialect_names())
    return next((reading for reading in readings if reading is not None), None)
