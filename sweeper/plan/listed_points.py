"""A file of configurations, each written out: what `search=list` goes through.

[{"strategy": "sma", "params": {"fast": 5, "slow": 20}},
 {"strategy": "rsi", "params.period": 10, "risk": {"stop_loss": 0.05}, "data": "sp500"}]

Numbers of `params`, `risk` and `costs` make the points of a cell; every other key is an override of
the composed config, and entries that have the same ones share a cell. JSON or YAML.
"""

import json
import math
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from store import commands
from sweeper.config.bounded import load_yaml, require_file
from sweeper.plan.cell import SETTINGS, flatten

Row = Mapping[str, float]
"""One configuration: numbers by config path, NaN for null."""

BEFORE_QUOTE = re.compile(r"(\\*)('|$)")
"""Backslashes count only before a quote in Hydra's grammar."""

OUTSIDE = (
    *("search", "store", "executor", "local", "ray", "hydra", "output", "report", "force"),
    "dry_run",
)
"""Keys of the whole sweep, which no entry of a list can change."""


def read_list(path: str | None) -> dict[tuple[str, ...], list[Row]]:
    """The configurations of a file by the overrides that compose them, both in the file's order.

    Raises:
        ValueError: one line: no such file, no list, or the entry that is at fault.
    """
    if not path:
        raise ValueError("search.path: search=list needs a JSON or YAML file of configurations")
    rows: dict[tuple[str, ...], list[Row]] = {}
    for number, entry in enumerate(_entries(Path(path))):
        what = f"search.path: {path}: entry {number}"
        if not isinstance(entry, Mapping) or not entry:
            raise ValueError(f"{what}: must be a configuration such as params: {{fast: 5}}")
        words, row = _sorted(what, flatten({str(key): value for key, value in entry.items()}))
        rows.setdefault(tuple(words), []).append(row)
    return rows


def _entries(path: Path) -> Sequence[object]:
    require_file("search.path", path)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "is not text"
        raise ValueError(f"search.path: cannot read {path} ({reason})") from None
    try:
        entries = json.loads(text) if path.suffix == ".json" else load_yaml(text)
    except (ValueError, RecursionError, yaml.YAMLError) as error:
        where = str(error).partition("\n")[0]
        raise ValueError(f"search.path: {path} is not JSON or YAML ({where})") from error
    if not isinstance(entries, list) or not entries:
        raise ValueError(
            f"search.path: {path} must hold a list of configurations, one or more, got "
            f"{type(entries).__name__}"
        )
    return entries


def _sorted(what: str, flat: Mapping[str, object]) -> tuple[list[str], Row]:
    """An entry as overrides to compose and numbers to run."""
    words, row = [], {}
    for key, value in flat.items():
        if key.partition(".")[0] in OUTSIDE:
            raise ValueError(f"{what}: {key} is of the whole sweep; set it on the command line")
        if key.startswith("params.") or key in SETTINGS:
            row[key] = _number(f"{what}: {key}", value)
        else:
            words.append(f"{key}={literal(f'{what}: {key}', value)}")
    return words, row


def _number(what: str, value: object) -> float:
    if value is None:
        return math.nan
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{what}: must be a number or null, got {value!r}")
    return float(value)


def literal(what: str, value: object) -> str:
    """A value in Hydra's grammar, text in single quotes; ValueError for a dictionary."""
    if isinstance(value, Mapping):
        raise ValueError(f"{what}: must be a word, a number or a list, got dict")
    if isinstance(value, list):
        return f"[{','.join(literal(what, each) for each in value)}]"
    if isinstance(value, str):
        return f"'{BEFORE_QUOTE.sub(_escaped, value)}'"
    return commands.literal(value)


def _escaped(match: re.Match[str]) -> str:
    return match[1] * 2 + ("\\'" if match[2] else "")
