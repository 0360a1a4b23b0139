"""Overrides as they are typed, made ready for Hydra's grammar: names stay names, faults are named.

Hydra makes a truth of TRUE, nothing of NULL and a number of 1e5, and stops at ^, = and ( with words
of its own. Where a key takes a text, what was typed is what is meant.
"""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override
from hydra.errors import HydraException

from store.commands import literal
from store.data.spec import SYMBOL
from sweeper.config.known_keys import refuse_unread_of_hydra
from sweeper.space.simplex import as_choice, is_simplex_text
from sweeper.space.zip_values import as_choices

NAMES = ("data.symbols",)
"""Keys of names of bars: `^` and `=` are letters there."""

TEXTS = (
    *("name", "description", "hypothesis", "tags", "metrics", "store.root", "search.path"),
    *("data.path", "data.symbols", "data.calendar", "data.timeframe", "data.start", "data.end"),
    *("data.detail", "data.detail_path"),
    *("data.resample_from", "data.source", "strategy.name", "strategy.module", "ray.address"),
    "ray.namespace",
)
"""Keys that take a text, or a list of texts."""

LISTS = ("tags", "metrics", "data.symbols")
"""Keys that take a list: it is set as a whole."""

GROUPS = (
    "strategy",
    "data",
    "costs",
    "risk",
    "search",
    "split",
    "ray",
    "gate",
    "experiment",
    "hydra",
)
"""Keys that take the name of a file in `conf`."""

NUMERIC = re.compile(
    r"(params|risk|costs)\..*|search\.(n|seed|prune|batch|rounds|factor|threshold|patience)|"
    r"holdout|risk_free|initial_capital|time_limit|local\.workers|data\.(bars|seed)|"
    r"ray\.(num_cpus|workers|max_workers|resources\..*)"
)
"""Keys that take numbers."""

WORD = re.compile(r"(?P<sign>\+\+?|~)?(?P<key>[^=]*)(?P<equal>=)?(?P<value>.*)", re.DOTALL)
KEY = re.compile(r"[A-Za-z_$][\w$-]*([./][\w$-]+)*(@[\w.:$-]*)?", re.ASCII)
PIECE = re.compile(
    r""""(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|\$\{[^}]*\}|[\[\](){},:]|[^\[\](){},:"'$]+|.""",
    re.DOTALL,
)
"""A quoted text, an interpolation, a mark of the grammar, or a bare word."""

NO_TEXT = re.compile(
    r"(?i:true|false|null)|[+-]?(\d[\d_]*\.?[\d_]*|\.\d[\d_]*)([eE][+-]?\d[\d_]*)?|[+-]?(?i:inf|nan)"
)
"""What Hydra's grammar may take for a truth, nothing or a number."""

CONVERTING = ("range", "interval", "int", "float", "bool", "tag", "glob")
"""Functions whose arguments are no texts."""


def readable(word: str) -> str:
    """An override as Hydra reads what the user means by it; most are left as they are.

    Raises:
        ValueError: one line: what is wrong with the key or the value, and what to write.
    """
    match = WORD.fullmatch(word)
    assert match is not None
    sign, key, value = match["sign"] or "", match["key"], match["value"]
    if match["equal"] is None and sign != "~":
        raise ValueError(f"{word!r}: is neither an option nor key=value{_meant(word)}")
    if match["equal"] and is_simplex_text(value):
        return as_choice([path.strip() for path in key.split(",")], value)
    if "," in key:
        return as_choices(key, value)
    if not KEY.fullmatch(key):
        raise ValueError(
            f"{word!r}: {key!r} is no key; a key is words joined by dots, such as params.fast"
        )
    if key in TEXTS:
        value = _named(value, key in NAMES)
    changed = f"{sign}{key}{match['equal'] or ''}{value}"
    try:
        (override,) = OverridesParser.create().parse_overrides([changed])
    except HydraException as error:
        raise ValueError(_unreadable(sign, key, match["value"], str(error))) from None
    _check(override, key)
    return changed


def refuse_converted(data: Mapping[str, object]) -> None:
    """Raise ValueError for a symbol that YAML has made a truth, nothing or a fraction of."""
    symbols = data.get("symbols")
    for symbol in symbols if isinstance(symbols, Sequence) and symbols != "" else [symbols]:
        if isinstance(symbol, bool | float) or (symbol is None and symbols is not None):
            raise ValueError(
                f"data.symbols: YAML made {symbol!r} of a name; write it in quotes, "
                'as in symbols: ["TRUE", "1e5"]'
            )


def as_typed(key: str, value: str) -> str:
    """`key=value` as one types it in a shell."""
    return shlex.quote(f"{key}={value}")


def _meant(word: str) -> str:
    if word.startswith("-"):
        return ""
    return f"; write {word}=VALUE" if KEY.fullmatch(word) else ""


def _check(override: Override, key: str) -> None:
    """Raise ValueError for what Hydra would refuse in words of its own, or not at all."""
    for name in LISTS:
        if key.startswith(f"{name}."):
            raise ValueError(f"{key}: {name} is a list, which is set as a whole: {name}=[a,b]")
    if key.startswith("hydra."):
        refuse_unread_of_hydra(key, None if override.is_delete() else override.value())
    if override.is_delete():
        return
    values = override.value()
    for value in values.list if isinstance(values, ChoiceSweep) else [values]:
        if key in GROUPS and (value is None or isinstance(value, bool | int | float)):
            raise ValueError(
                f"{key}: takes the name of one of its files or keys of its own ({key}.KEY=VALUE), "
                f"got {override.get_value_string()}"
            )
    if key == "hydra.searchpath":
        _check_folders(values)


def _check_folders(value: object) -> None:
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        raise ValueError(
            f"hydra.searchpath: must be a list of folders, such as 'hydra.searchpath=[my_conf]', "
            f"got {value}"
        )
    for path in value:
        scheme, _, rest = path.rpartition("://")
        if scheme in ("", "file") and "${" not in rest and not Path(rest).is_dir():
            raise ValueError(f"hydra.searchpath: there is no folder {rest}; correct the path")


def _named(value: str, names: bool) -> str:
    """A value whose bare words are texts, with quotes round those that Hydra would convert."""
    pieces, calls = [match[0] for match in PIECE.finditer(value)], [""]
    out: list[str] = []
    for place, piece in enumerate(pieces):
        after = pieces[place + 1] if place + 1 < len(pieces) else ""
        if piece in "([{":
            calls.append(pieces[place - 1].strip() if piece == "(" and place else piece)
        elif piece in ")]}" and len(calls) > 1:
            calls.pop()
        elif ":" in (after, *out[-1:]) and calls[-1] != "{":
            pass  # a part of a text, as in head:6379
        elif after != "(" and not set(calls) & set(CONVERTING):
            piece = _as_name(piece, names, nothing=len(calls) == 1)
        out.append(piece)
    return "".join(out)


def _as_name(piece: str, names: bool, nothing: bool) -> str:
    """A bare word in quotes, if it needs them; `null` alone is nothing where that is allowed."""
    bare = piece.strip()
    if nothing and (bare == "null" if names else bare.lower() == "null"):
        return piece
    symbol = names and SYMBOL.fullmatch(bare) and not re.fullmatch(r"[\w.-]*", bare)
    if NO_TEXT.fullmatch(bare) or symbol:
        return piece.replace(bare, literal(bare))
    return piece


def _unreadable(sign: str, key: str, value: str, reason: str) -> str:
    """The sentence for a value that Hydra's grammar does not take."""
    call = re.search(r"while evaluating '(\w+)\(", reason)
    if call and call[1] in ("choice", "sort", "shuffle", *CONVERTING):
        return f"{key}: cannot read {value}: {_of_call(call[1], reason)}"
    rule = _rule(value)
    for candidate in _mended(key, value):
        if _reads(f"{sign}{key}={candidate}"):
            return f"{key}: cannot read {value}: {rule}; write {as_typed(sign + key, candidate)}"
    return f"{key}: cannot read {value}: {rule}; write a number, 5,10,20, range(5,60,5) or null"


def _of_call(name: str, reason: str) -> str:
    if "empty choice" in reason:
        return "choice() needs a value; write choice(5,10,20)"
    forms = {
        "choice": "choice() takes no null and values of one kind; write null,0.05,0.1",
        "range": "range(start,stop,step) takes numbers, the stop excluded",
        "interval": "interval(low,high) takes two numbers",
        "tag": "write tag(log,interval(0.001,0.1))",
        "sort": "sort() takes values of one kind",
        "glob": "write glob(*ma)",
    }
    return forms.get(name, f"{name}() cannot take these values")


def _rule(value: str) -> str:
    pieces = [match[0] for match in PIECE.finditer(value)]
    if any(piece in ("'", '"') for piece in pieces):
        return "a quote is not closed"
    if "".join(_open(value)):
        return "a bracket is not closed"
    call = re.match(r"\s*([A-Za-z_]\w*)\s*\(", value)
    if call:
        return f"there is no function {call[1]}"
    return "it needs quotes of its own, inside those of the shell"


def _open(value: str) -> Iterator[str]:
    """The brackets that would close what a value leaves open, innermost first."""
    stack: list[str] = []
    for match in PIECE.finditer(value):
        if match[0] in "([{":
            stack.append(")]}"["([{".index(match[0])])
        elif stack and match[0] == stack[-1]:
            stack.pop()
    return reversed(stack)


def _mended(key: str, value: str) -> Iterator[str]:
    """Corrections that may have been meant, likeliest first."""
    closing = "".join(_open(value))
    if closing and (value.startswith("[") or not _is_text(key)):
        yield value + closing
    if value.startswith("[") and value.endswith("]"):
        yield "[" + ",".join(_element(part) for part in value[1:-1].split(",")) + "]"
    if _is_text(key):
        whole = value[1:] if value[:1] in "'\"" and value.count(value[0]) == 1 else value
        yield literal(whole)


def _element(text: str) -> str:
    return text if _reads(f"x=[{text}]") else literal(text.strip())


def _is_text(key: str) -> bool:
    return not NUMERIC.fullmatch(key)


def _reads(word: str) -> bool:
    try:
        OverridesParser.create().parse_overrides([word])
    except HydraException:
        return False
    return True
