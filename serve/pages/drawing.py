"""Templates of the pages, everything of the user's escaped."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from store.report.number_format import (
    MINUS,
    count_text,
    metric_label,
    metric_text,
    param_text,
    percent_text,
    share_text,
)

FOLDER = Path(__file__).parent
MIDNIGHT = "T00:00:00+00:00"

_environment = Environment(
    loader=FileSystemLoader(FOLDER / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def link(path: str, **query: object) -> str:
    """A URL below this server; parts of the query that are None or empty are left out."""
    kept = {name: value for name, value in query.items() if value not in (None, "")}
    return quote(path) + (f"?{urlencode(kept)}" if kept else "")


def metric_of(value: Any, metric: str) -> str:
    """A value of a metric as people read it; a dash where there is none."""
    return "-" if value is None or value != value else metric_text(metric, value)


def amount(value: object) -> str:
    """A number of a verdict to 4 digits; unknown where there is none."""
    if value is None or value != value:
        return "unknown"
    return f"{value:.4g}".replace("-", MINUS, 1)


def money(value: float) -> str:
    """An amount of the quote currency to the cent, with a true minus sign."""
    text = f"{value:,.2f}"
    return text.lstrip("-") if not text.strip("-0.,") else text.replace("-", MINUS)


def percent(value: float) -> str:
    """A fraction in percent: 12.3 %."""
    return f"{percent_text(value)} %"


def difference(value: float | None, metric: str) -> str:
    """A difference of a metric with its sign: percents differ by points, pp."""
    text = metric_of(value, metric)
    signed = text if value is None or not value > 0 or text.startswith("-") else f"+{text}"
    return signed.replace(" %", " pp")


def setting(value: object) -> str:
    """A setting in words: NaN is off, a switch is on or off, and midnight is its day."""
    if value is None or value is False or value != value:
        return "off"
    if value is True:
        return "on"
    if isinstance(value, int | float):
        return param_text(value)
    return str(value).removesuffix(MIDNIGHT)


def time(text: str) -> str:
    """A time of ISO 8601 to the minute, as a table holds it."""
    return text[:16].replace("T", " ")


_environment.filters |= {
    "setting": setting,
    "difference": difference,
    "money": money,
    "percent": percent,
    "time": time,
    "share": share_text,
    "amount": amount,
    "metric_of": metric_of,
    "label": metric_label,
    "param": param_text,
}
_environment.filters |= {"count": count_text}
_environment.globals |= {"link": link}


def page(name: str, status: int = 200, **values: object) -> HTMLResponse:
    """A page of a template.

    Args:
        name: of the file, without `.html.j2`.
        status: HTTP status.
        values: that the template uses; `figures` by id are drawn by plotly.js.
    """
    given: Mapping[str, Any] = {"figures": {}, **values}
    text = _environment.get_template(f"{name}.html.j2").render(
        **{**given, "figures": embedded(given["figures"]) if given["figures"] else None}
    )
    return HTMLResponse(text, status)


def compile_templates() -> None:
    """Compile all templates, which the first visit of each page would wait for."""
    for name in _environment.list_templates():
        _environment.get_template(name)


def embedded(figures: Mapping[str, object]) -> Markup:
    """JSON that cannot end the script element it stands in, nor open a comment."""
    text = json.dumps(figures, allow_nan=False, separators=(",", ":"), ensure_ascii=True)
    for character in "<>&":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Markup(text)  # escaped just above
