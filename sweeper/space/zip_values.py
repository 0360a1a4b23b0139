"""Values in pairs: `params.fast,params.slow=zip([5,10],[50,100])` runs 5 with 50 and 10 with 100.

It is short for a choice between dictionaries, which Hydra's grammar reads:
`+zip={params.fast:5,params.slow:50},{params.fast:10,params.slow:100}`.
"""

import re
from collections.abc import Mapping

import numpy as np
from hydra.core.override_parser.overrides_parser import OverridesParser
from hydra.core.override_parser.types import ChoiceSweep, Override, QuotedString
from hydra.errors import HydraException

from sweeper.space.axes import Interval
from sweeper.space.override_grammar import axis_from_override

KEY = "zip"
"""The key whose dictionaries hold config paths."""

ZIP = re.compile(r"zip\((?P<columns>.*)\)", re.DOTALL)
EXAMPLE = "'params.fast,params.slow=zip([5,10],[50,100])'"

Pair = Mapping[str, float]
"""Numbers that are set together, by config path; NaN is null."""


def as_choices(keys: str, value: str) -> str:
    """The override that `a,b=zip([..],[..])` is short for.

    Raises:
        ValueError: one line: no zip, as many lists as keys are needed, or lists differ in length.
    """
    paths = [path.strip() for path in keys.split(",")]
    match = ZIP.fullmatch(value.strip())
    if match is None or not all(paths):
        raise ValueError(f"{keys}: several keys are set by zip() only, as in {EXAMPLE}")
    for path in paths:
        if paths.count(path) > 1:
            raise ValueError(f"{keys}: {path} is there twice; keep one")
    columns = [_column(path, text) for path, text in zip(paths, _split(keys, match), strict=True)]
    lengths = {len(column) for column in columns}
    if len(lengths) > 1:
        listed = ", ".join(
            f"{len(column)} of {p}" for p, column in zip(paths, columns, strict=True)
        )
        raise ValueError(f"{keys}: zip() needs lists of one length, got {listed}")
    pairs = (
        ",".join(f"{path}:{text}" for path, text in zip(paths, row, strict=True))
        for row in zip(*columns, strict=True)
    )
    return f"+{KEY}=choice({','.join(f'{{{pair}}}' for pair in pairs)})"


def _split(keys: str, match: re.Match[str]) -> list[str]:
    """The arguments of zip(), one for each key."""
    depth, columns = 0, [""]
    for letter in match["columns"]:
        depth += (letter in "([{") - (letter in ")]}")
        if letter == "," and depth == 0:
            columns.append("")
        else:
            columns[-1] += letter
    if len(columns) != keys.count(",") + 1:
        raise ValueError(
            f"{keys}: zip() needs a list for each key, got {len(columns)} for "
            f"{keys.count(',') + 1} keys; write it as in {EXAMPLE}"
        )
    return columns


def _column(path: str, text: str) -> list[str]:
    """The values of one key, as texts: those of a list, or of whatever sweeps numbers."""
    inner = text.strip()
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    try:
        (override,) = OverridesParser.create().parse_overrides([f"{path}={inner}"])
    except HydraException:
        raise ValueError(
            f"{path}: cannot read {text.strip()} in zip(); write lists, as in {EXAMPLE}"
        ) from None
    swept = override.value()
    if isinstance(swept, ChoiceSweep) and not swept.shuffle:
        return [_number(path, value) for value in swept.list]
    if not override.is_sweep_override():
        return [_number(path, swept)]
    axis = axis_from_override(override)
    if isinstance(axis, Interval):
        raise ValueError(f"{path}: zip() needs listed values, got {axis}; write a list or range()")
    return [repr(float(v)) for v in axis.at(np.arange(axis.size))]


def _number(path: str, value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{path}: zip() pairs numbers, got {_shown(value)!r}")
    return repr(value)


def _shown(value: object) -> str:
    return value.text if isinstance(value, QuotedString) else str(value)


def is_paired(override: Override) -> bool:
    """True for a choice between dictionaries: of config paths, or of params, risk or costs."""
    swept = override.value()
    if override.key_or_group not in (KEY, "params", "risk", "costs", "fill", "size"):
        return False
    return isinstance(swept, ChoiceSweep) and all(isinstance(v, dict) for v in swept.list)


def pairs_of(override: Override) -> list[Pair]:
    """The numbers of each dictionary by config path.

    Raises:
        ValueError: a value that is neither a number nor null.
    """
    swept = override.value()
    assert isinstance(swept, ChoiceSweep)
    prefix = "" if override.key_or_group == KEY else f"{override.key_or_group}."
    return [dict(_flat(chosen, prefix)) for chosen in swept.list]  # type: ignore[arg-type]


def _flat(tree: Mapping[str, object], prefix: str) -> list[tuple[str, float]]:
    flat: list[tuple[str, float]] = []
    for key, value in tree.items():
        path = f"{prefix}{key}"
        if isinstance(value, Mapping):
            flat += _flat(value, f"{path}.")
        elif value is None:
            flat.append((path, float("nan")))
        elif isinstance(value, bool) or not isinstance(value, int | float):
            raise ValueError(
                f"{path}: must be a number or null where it is paired, got {_shown(value)!r}"
            )
        else:
            flat.append((path, float(value)))
    return flat
