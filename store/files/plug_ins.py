"""Folders whose files are plug-ins, each under its file's name; hints after an unknown name."""

import importlib
import pkgutil
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from types import ModuleType


@dataclass(frozen=True, slots=True)
class PlugInFolder:
    """A folder that is a registry: a file put into it is there for every command.

    Attributes:
        package: import path of the folder.
        kind: what one of its files is called in messages: `split`.
        key: of the config that names one: `split.kind`; it leads the message.
        contract: names that every file defines.
    """

    package: str
    kind: str
    key: str
    contract: tuple[str, ...] = ()

    def names(self) -> tuple[str, ...]:
        """Names of its files, sorted; folders and files that begin with `_` are none."""
        modules = pkgutil.iter_modules(importlib.import_module(self.package).__path__)
        return tuple(sorted(m.name for m in modules if not m.ispkg and not m.name.startswith("_")))

    def load(self, name: object) -> ModuleType:
        """The file of a name, imported when it is asked for.

        Raises:
            ValueError: there is none, or it does not define what the contract names.
        """
        names = self.names()
        if name not in names:
            raise ValueError(
                f"{self.key}: no {self.kind} {_short(name)}; {did_you_mean(name, names)}"
            )
        module = importlib.import_module(f"{self.package}.{name}")
        if missing := [part for part in self.contract if not hasattr(module, part)]:
            raise ValueError(
                f"{self.key}: {self.kind} {name} has to define {', '.join(missing)}; see the "
                f"other files of {self.package.replace('.', '/')}"
            )
        return module


def did_you_mean(
    name: object,
    known: Iterable[str],
    otherwise: str = "",
    *,
    most: int = 3,
    cutoff: float = 0.5,
    shown: int = 40,
) -> str:
    """Hint after an unknown name: the nearest known ones, in whatever case they are written.

    Args:
        name: that was given.
        known: all names there are.
        otherwise: said where none is near; empty says which there are.
        most: of the near names.
        cutoff: similarity from which on a name is near, in [0, 1].
        shown: of the known names, where none is near.
    """
    names = sorted(known)
    near = get_close_matches(str(name).lower(), [n.lower() for n in names], most, cutoff)
    if close := sorted(
        (n for n in names if n.lower() in near), key=lambda n: near.index(n.lower())
    ):
        return f"did you mean {' or '.join(close[:most])}?"
    if otherwise:
        return otherwise
    return f"there {'is' if len(names) == 1 else 'are'} {', '.join(names[:shown]) or 'none'}"


def _short(name: object) -> str:
    return repr(name[:60] if isinstance(name, str) else name)
