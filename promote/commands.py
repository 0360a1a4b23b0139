"""Commands on profiles as they are printed: they find the same store and the same profiles."""

from pathlib import Path

from promote import config
from store.commands import PROMOTE, line, root_words
from store.files.backend import Root


def profiles_line(verb: str, *words: str, profiles: Path, root: Root | None = None) -> str:
    """A command on profiles, for the shell.

    Args:
        verb: of `python -m promote`.
        words: its arguments.
        profiles: their folder.
        root: of the store, for verbs that write to it.
    """
    default = config.load().profiles.absolute() == profiles.absolute()
    folder = [] if default else ["--profiles", str(profiles)]
    return line(*PROMOTE, verb, *words, *folder, *(() if root is None else root_words(root)))
