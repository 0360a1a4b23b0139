"""Style that the plots share: colours by role, formats, and text that is only text."""

from store.report.number_format import axis_format
from store.report.view_model import Role

COLOURS: dict[Role, str] = {
    "best": "var(--best)",
    "centre": "var(--centre)",
    "baseline": "var(--base)",
    "hold": "var(--hold)",
}
NOISE = "var(--noise)"
LEGEND = {"orientation": "h", "x": 0, "y": 1.02, "yanchor": "bottom"}

Figure = dict[str, object]
"""`data` and `layout` as plotly.js takes them."""


def hover(metric: str) -> str:
    """The d3 format of a metric where one value is told."""
    return ".1%" if axis_format(metric) == ".0%" else ",.2f"


def plain(text: str) -> str:
    """A user's text where plotly.js would read HTML and templates."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("%{", "% {")


def digits(value: float | None, n: int = 5) -> float | None:
    """A number with `n` digits, which is what a plot can show."""
    return None if value is None else float(f"{value:.{n}g}")


def vertical(place: float | str, colour: str, *, dashed: bool = False) -> Figure:
    """A line from the bottom of a plot to its top, at a number or a time."""
    return {
        "type": "line",
        "x0": place,
        "x1": place,
        "yref": "paper",
        "y0": 0,
        "y1": 1,
        "line": {"color": colour, "width": 1.6, "dash": "dash" if dashed else "solid"},
    }
