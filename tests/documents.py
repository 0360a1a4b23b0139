"""Reading docs/: fenced blocks and tables."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DOCS = {path.name: path.read_text() for path in sorted((ROOT / "docs").glob("*.md"))}
FENCE = re.compile(r"(?:<!-- (?P<note>.*?) -->\n)?```(?P<kind>\w+)\n(?P<body>.*?)```", re.DOTALL)


def blocks(name, kind):
    """(comment above it, text) of every fenced block of a kind."""
    return [(m["note"] or "", m["body"]) for m in FENCE.finditer(DOCS[name]) if m["kind"] == kind]


def table_rows(name, first):
    """Cells of the rows of all tables of a document whose head begins with the cell `first`."""
    found = []
    for part in DOCS[name].split("\n\n"):
        lines = [line for line in part.splitlines() if line.startswith("|")]
        rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in lines]
        if rows and rows[0][0] == first:
            found += rows[2:]
    return found
