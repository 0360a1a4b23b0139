"""The words of a command line before Hydra sees them: options known, overrides readable."""

import argparse
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, NoReturn

from hydra._internal.utils import get_args_parser
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from sweeper.config.orders import spelled_out
from sweeper.config.overrides import readable
from sweeper.config.saved_job import saved_job


class Typed(list[str]):
    """Words for Hydra, and those that the user typed.

    Attributes:
        words: as typed, the program's name first.
    """

    words: Sequence[str] = ()


def read(words: Sequence[str]) -> list[str]:
    """A command line whose overrides are `readable`; the program's name comes first.

    Raises:
        ValueError: one line: an option that does not exist, or an override that cannot be read.
    """
    parser = get_args_parser()
    parser.error = _refuse  # type: ignore[method-assign]
    given, unknown = parser.parse_known_args(list(words[1:]))
    for option in unknown:
        raise ValueError(_no_such_option(option, parser))
    if given.multirun and "RUN" in map(_mode, given.overrides):
        raise ValueError("hydra.mode=RUN: runs one backtest, -m a sweep; drop one of them")
    options, saved = saved_job(given)
    read_words, left = Typed(words[:1]), list(given.overrides)
    read_words.words = list(words)
    for word in words[1:]:
        if left and word == left[0]:
            read_words += saved  # before those of the user, of which the last one counts
            read_words.append(readable(left.pop(0)))
            saved = []
        else:
            read_words.append(word)
    read_words += [*saved, *options]  # the last name of a config counts
    read_words[:] = spelled_out(read_words)
    return read_words


def typed_words() -> list[str]:
    """The words of this process's command line as the user typed them, without the program's."""
    return list(getattr(sys.argv, "words", sys.argv))[1:]


def refuse_unswept(hydra: Any) -> None:
    """Raise ValueError where one backtest would leave out what an experiment file sweeps.

    Args:
        hydra: its part of the config; keys of `sweeper.params` that its overrides set are read.
    """
    params = hydra.sweeper.get("params") or {}
    words: Any = OmegaConf.to_container(hydra.overrides.task)  # unresolved, as typed
    parser = OverridesParser.create()
    keys = {override.key_or_group for override in parser.parse_overrides(words)}
    unread = [str(key) for key in params if key not in keys]
    if unread:
        raise ValueError(
            f"hydra.sweeper.params: sweeps {', '.join(unread)}, which one backtest does not; "
            "add -m, or set each to one value"
        )


def _mode(word: str) -> str | None:
    key, _, value = word.partition("=")
    return value.upper() if key.lstrip("+") == "hydra.mode" else None


def _no_such_option(option: str, parser: argparse.ArgumentParser) -> str:
    if not option.startswith("-"):
        return f"{option}: overrides stand together; put the options before or after all of them"
    options = [text for action in parser._actions for text in action.option_strings]
    near = get_close_matches(option.partition("=")[0], options, n=1)
    return f"{option}: there is no such option; " + (
        f"did you mean {near[0]}?" if near else "python -m sweeper --hydra-help lists them"
    )


def _refuse(message: str) -> NoReturn:
    raise ValueError(f"{message}; python -m sweeper --hydra-help lists the options")
