"""TradingView's exports: time,open,high,low,close in small letters, then Volume and indicators."""

import re

from store.data.text.file_head import Reading, Sample

PRICES = ("time", "open", "high", "low", "close")
TIME = re.compile(r"\d{10}|\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:\d{2})")
"""Seconds since 1970, or ISO 8601 with a zone; its days too are written so, or as dates."""


def recognise(sample: Sample) -> Reading | None:
    """By small letters before capital ones, or by the form of the times where nothing follows."""
    names = tuple(name.strip() for name in sample.title.split(","))
    if names[:5] != PRICES or not sample.first:
        return None
    others = names[5:]
    if not all(name[:1].isupper() for name in others):
        return None
    if not others and not TIME.fullmatch(sample.first[0]):
        return None
    return Reading("TradingView", {role: role for role in PRICES}, features=True)
