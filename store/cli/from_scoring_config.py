"""The verb `from-scoring-config`: a file of weights as an experiment file."""

from pathlib import Path
from typing import Annotated

import typer

from store.cli.options import RESULTS, Json, Root, answer_lines


def from_scoring_config(
    file: Annotated[Path, typer.Argument(help="JSON or YAML with names and weights.")],
    out: Annotated[
        Path | None,
        typer.Option(help="File to write, conf/experiment/NAME.yaml; printed if left out."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="Of the experiment; else the file's.")] = None,
    data: Annotated[str | None, typer.Option(help="A file of conf/data: synthetic_universe.")] = (
        None
    ),
    root: Root = RESULTS,
    json: Json = False,
) -> None:
    """Write the experiment file of some scoring weights."""
    from store.commands import root_overrides
    from store.errors import AlreadyThere
    from store.files import local
    from store.transfer.scoring_config import experiment_text, read_scoring

    title = name or (out or file).stem
    text = experiment_text(read_scoring(file), title, file.name, data)
    if out is None:
        answer_lines({"text": text}, json, text.rstrip("\n").splitlines())
        return
    local.make_folder(out.parent)
    if not local.put_if_absent(out, text.encode()):
        raise AlreadyThere(f"{out}: is there already; remove it, or choose another --out")
    words = ["python", "-m", "sweeper", "-m", f"+experiment={out.stem}", *root_overrides(root)]
    command = " ".join(words)
    lines = [str(out), f"To run it: {command}"]
    answer_lines({"path": str(out), "text": text, "command": command}, json, lines)
