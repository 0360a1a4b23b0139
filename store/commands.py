"""Commands as they are printed: pasted into a shell, they run as they stand.

Two readers take a command of the sweeper apart: the shell first, then Hydra's grammar of overrides,
to which `^GSPC`, `EURUSD=X`, `TRUE` and a path with brackets are no plain words. A word for Hydra
is quoted by `override`, a line for the shell by `line`; a printed command needs both.
"""

import re
import shlex
from collections.abc import Iterable, Sequence

from store.files.backend import Root, absolute, default_root, place

PYTHON = ("python", "-m")
SWEEPER, STORE, PROMOTE = (*PYTHON, "sweeper"), (*PYTHON, "store"), (*PYTHON, "promote")

_PLAIN = re.compile(r"[A-Za-z0-9_./][A-Za-z0-9_./-]*")
_TYPED = {"null", "true", "false", "nan", "inf", "yes", "no", "on", "off"}
_INTERPOLATION = re.compile(r"(\\*)\$\{")
_BEFORE_QUOTE = re.compile(r'(\\*)("|$)')


def line(*words: str) -> str:
    """A command for the shell, each word quoted where the shell would touch it."""
    return shlex.join(words)


def override(key: str, value: object) -> str:
    """The word that sets a key of the config: `data.symbols=["^GSPC"]`."""
    return f"{key}={literal(value)}"


def literal(value: object) -> str:
    """A value as Hydra's grammar reads it back: text stays text, a number stays a number.

    Args:
        value: None, a bool, a number, text, or a list of such.
    """
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case list() | tuple():
            return f"[{','.join(map(literal, value))}]"
        case _:
            return _text(str(value))


def root_words(root: Root) -> list[str]:
    """The option by which a command of the store or the gate finds a store; none where it does."""
    return [] if _is_default(root) else ["--root", str(place(root))]


def root_overrides(root: Root) -> list[str]:
    """The override by which a sweep finds a store; none where it does."""
    return [] if _is_default(root) else [override("store.root", str(place(root)))]


def again(command: Sequence[str], root: Root) -> list[str]:
    """The words of a sweep's own command, with the store that it wrote to where that is needed."""
    names_root = any(word.lstrip("+").startswith("store.root=") for word in command)
    return [*command, *([] if names_root else root_overrides(root))]


def store_line(verb: str, *words: str, root: Root, modules: Iterable[str] = ()) -> str:
    """A command of the store, for the shell.

    Args:
        verb: of the store.
        words: its arguments.
        root: of the store.
        modules: of strategies that it has to name; see `store.replay.trusted`.
    """
    return line(*STORE, *module_words(modules), verb, *words, *root_words(root))


def promote_line(verb: str, *words: str, root: Root, modules: Iterable[str] = ()) -> str:
    """A command of the gate, for the shell; arguments as `store_line`."""
    return line(*PROMOTE, *module_words(modules), verb, *words, *root_words(root))


def module_words(modules: Iterable[str]) -> list[str]:
    """The options by which a command names modules that it may import."""
    return [word for module in modules for word in ("--module", module)]


def sweep_line(words: Iterable[str], root: Root) -> str:
    """A sweep over overrides, for the shell."""
    return line(*again([*SWEEPER, "-m", *words], root))


def sweep_of_bars(symbols: Sequence[str], timeframe: str, root: Root) -> str:
    """The command that sweeps over bars that were ingested.

    Args:
        symbols: none: all that have bars of the timeframe.
        timeframe: of the bars.
        root: of the store that holds them.
    """
    keys = {"data.symbols": list(symbols), "data.timeframe": timeframe}
    words = ["strategy=sma", "data=stored", *(override(key, text) for key, text in keys.items())]
    return sweep_line(words, root)


def sweep_with_feature(name: str, root: Root) -> str:
    """The command that sweeps with an ingested feature as a column of the bars."""
    return sweep_line(["data=stored", override("data.features", [name])], root)


def _is_default(root: Root) -> bool:
    return absolute(root) == absolute(default_root())


def _text(text: str) -> str:
    """Text as a word of Hydra's grammar, in double quotes unless it is a plain name."""
    if _PLAIN.fullmatch(text) and text.lower() not in _TYPED and not _is_number(text):
        return text
    # Backslashes count only before a quote, to Hydra, and before ${, to OmegaConf: doubled there.
    kept = _INTERPOLATION.sub(lambda match: f"{match[1] * 2}\\${{", text)
    return f'"{_BEFORE_QUOTE.sub(_escaped, kept)}"'


def _is_number(text: str) -> bool:
    try:
        float(text.replace("_", ""))
    except ValueError:
        return False
    return True


def _escaped(match: re.Match[str]) -> str:
    return match[1] * 2 + ('\\"' if match[2] else "")
