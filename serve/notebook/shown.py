"""HTML of a notebook's outputs; what users write is escaped."""

from html import escape

import pandas as pd


def page(*sentences: str) -> str:
    """Sentences as paragraphs."""
    return "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences if sentence)


def table_html(frame: pd.DataFrame) -> str:
    """A table of a frame: 4 digits, no index."""
    html: str = frame.to_html(index=False, escape=True, float_format="{:.4g}".format, border=0)
    return html


def experiment_html(title: str, luck: str, top: pd.DataFrame | None) -> str:
    """A study: its name, what luck shows, its best configurations."""
    table = "" if top is None or top.empty else table_html(top)
    return f"<p><strong>{escape(title)}</strong></p>{page(luck)}{table}"
