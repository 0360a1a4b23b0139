"""Writing a report."""

from pathlib import Path

from store.errors import StoreError
from store.files import local
from store.files.backend import Root
from store.report.build_view import collect
from store.report.html import render
from store.report.markdown import summary

FOLDER = Path("reports")


def write_report(root: Root, ref: str, path: Path | None = None) -> Path:
    """Write the report of an experiment, and next to it a summary for a pull request.

    Args:
        root: of the store.
        ref: an experiment, or one of its runs, whose equity is then drawn.
        path: of the page; None is `reports/<experiment id>.html` in the working directory.

    Returns:
        The path of the page, which needs no other file and no network. The summary, in Markdown,
        has the same name with `.md`.

    Raises:
        StoreError: the reference names nothing, a file is damaged, or the page would have the
            name of the summary.
    """
    if path is not None and path.suffix == ".md":
        raise StoreError(f"{path}: is where the summary goes; end the page's name in .html")
    view = collect(root, ref)
    target = FOLDER / f"{view.id}.html" if path is None else path
    target.parent.mkdir(parents=True, exist_ok=True)
    local.replace(target.with_suffix(".md"), summary(view).encode())
    local.replace(target, render(view).encode())
    return target
