"""Hints for texts where a number belongs: percent, thousands, none, ranges and lists."""

import re
from collections.abc import Sequence

NUMBER = r"[+-]?\d+(?:\.\d+)?"
PERCENT = re.compile(rf"({NUMBER})\s*%")
THOUSANDS = re.compile(rf"({NUMBER})\s*([kKmM])")
RANGE = re.compile(rf"({NUMBER})(?:\.\.|:|-)({NUMBER})(?::({NUMBER}))?")
NOTHING = ("", "none", "off", "false", "no", "nan", "null")
OPTIONAL = ("risk.", "size.", "fill.", "time_limit", "search.")
"""Keys below which null switches a rule off."""


def number_hint(key: str, value: object) -> str:
    """Advice on a value that is no number, after a semicolon; empty if there is none.

    Args:
        key: of the config.
        value: that stood there: a text, a truth or a list.
    """
    if isinstance(value, Sequence) and not isinstance(value, str) and value:
        return f"; to sweep over them write {key}={','.join(map(str, value))}, with -m"
    text = str(value).strip()
    if key == "costs.commission" and text.startswith("{"):
        return "; its parts are costs.commission, costs.minimum, costs.per_share and costs.fixed"
    if match := PERCENT.fullmatch(text):
        return f"; {match[1]} % is {float(match[1]) / 100:.12g}"
    if match := THOUSANDS.fullmatch(text):
        return f"; write {float(match[1]) * (1e3 if match[2] in 'kK' else 1e6):.12g}"
    if match := RANGE.fullmatch(text):
        written = ",".join(part for part in match.groups() if part)
        return f"; to sweep over a range write '{key}=range({written})', its stop excluded, with -m"
    if text.lower() in NOTHING and key.startswith(OPTIONAL):
        return "; null switches it off"
    return ""


def typed(value: object) -> str:
    """A composed value as a user types it; a text in quotes."""
    return "null" if value is None else repr(value)


def number(key: str, value: object, who: str) -> float:
    """A value that has to be a number.

    Args:
        key: of the config.
        value: as it was composed.
        who: needs it, for the message.

    Raises:
        ValueError: it is none: what was got, and what to write.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        got = f"{typed(value)}{number_hint(key, value)}"
        raise ValueError(f"{key}: {who} needs a number, got {got}")
    return float(value)
