"""News of RSS and Atom feeds as dated sentiment.

How an item sounds is the compound score of VADER, -1 to +1, of its title and summary: Hutto and
Gilbert (2014), "VADER: A parsimonious rule-based model for sentiment analysis of social media
text", ICWSM. Its lexicon is part of the package vaderSentiment; nothing is sent anywhere.
"""

import calendar
import hashlib
import html
import io
import re
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from store.errors import BadBars, FetchFailed, one_line
from store.optional_dependencies import extra

MAX_BYTES = 20_000_000
MAX_TEXT = 5_000
"""Characters of an item that are judged."""
TIMEOUT = 30
"""Seconds without an answer after which a server is given up."""


class Items(NamedTuple):
    """Columns `value`, `key`; index UTC times, ascending. And what was left out."""

    rows: pd.DataFrame
    notes: tuple[str, ...]


def read(feeds: Sequence[str], about: Sequence[str] = ()) -> Items:
    """The items of some feeds, each judged by itself.

    Args:
        feeds: files, or addresses of http and https.
        about: keep only items in which one of these words occurs, in any case; none: all items.

    Raises:
        ValueError: feedparser or vaderSentiment is not installed, or there is no such file.
        FetchFailed: a server does not answer.
        BadBars: a feed without a readable item.
    """
    packages = ("feedparser", "vadersentiment")
    feedparser = extra("feedparser", *packages)
    analyser = extra("vaderSentiment.vaderSentiment", *packages).SentimentIntensityAnalyzer()
    rows: list[tuple[int, float, str]] = []
    notes: list[str] = []
    for feed in feeds:
        parsed = feedparser.parse(io.BytesIO(_content(feed)))
        if not parsed.entries:
            reason = one_line(parsed.bozo_exception) if parsed.bozo else "it has no item"
            raise BadBars(f"{feed}: not a readable feed: {reason}; give an RSS or Atom feed")
        if parsed.bozo:
            notes.append(f"{feed}: not well-formed ({one_line(parsed.bozo_exception)})")
        items = [item for entry in parsed.entries if (item := _item(entry, about, analyser))]
        undated = sum(_seconds(entry) is None for entry in parsed.entries)
        if undated:
            notes.append(f"{feed}: {undated} items without a readable date: left out")
        rows += items
    return Items(_frame(rows), tuple(notes))


def _content(feed: str) -> bytes:
    """The bytes of a file or address, at most MAX_BYTES."""
    try:
        if re.match(r"https?://", feed):
            with urllib.request.urlopen(feed, timeout=TIMEOUT) as answer:
                content: bytes = answer.read(MAX_BYTES + 1)
        else:
            file = Path(feed).expanduser()
            if not file.is_file():
                raise ValueError(f"rss: no file {feed}, and no address of http or https")
            with file.open("rb") as opened:
                content = opened.read(MAX_BYTES + 1)
    except (OSError, urllib.error.URLError) as error:
        raise FetchFailed(f"rss: {feed}: cannot be read ({one_line(error)})") from error
    if len(content) > MAX_BYTES:
        raise BadBars(f"{feed}: longer than {MAX_BYTES:,} bytes; give a feed, not an archive")
    return content


def _item(entry: Any, about: Sequence[str], analyser: Any) -> tuple[int, float, str] | None:
    """Time in seconds, score and key of a feed's entry; None when it is not wanted or dated."""
    seconds = _seconds(entry)
    title = _text(entry.get("title", ""))
    text = f"{title}. {_text(entry.get('summary', ''))}"[:MAX_TEXT]
    wanted = not about or any(word.lower() in text.lower() for word in about)
    if seconds is None or not wanted:
        return None
    name = entry.get("id") or entry.get("link") or f"{seconds} {title}"
    key = hashlib.sha256(str(name).encode()).hexdigest()[:16]
    return seconds, float(analyser.polarity_scores(text)["compound"]), key


def _seconds(entry: Any) -> int | None:
    """When an item was published, or else last changed; feedparser gives UTC."""
    parsed = entry.get("published_parsed") or entry.get("updated_parsed")
    return None if parsed is None else calendar.timegm(parsed)


def _text(markup: str) -> str:
    """Without tags and entities."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", markup[: 4 * MAX_TEXT])).split())


def _frame(rows: list[tuple[int, float, str]]) -> pd.DataFrame:
    """One row per item, oldest first; of items with one key the first in the feed."""
    frame = pd.DataFrame(rows, columns=["time", "value", "key"]).drop_duplicates("key")
    frame["time"] = pd.to_datetime(frame["time"], unit="s", utc=True).astype("datetime64[ns, UTC]")
    return frame.sort_values(["time", "key"]).set_index("time")
