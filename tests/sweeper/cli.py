"""The command line in this process: a quarter of a second instead of the two of a fresh Python."""

import sys
from dataclasses import dataclass

from hydra._internal.hydra import Hydra

from sweeper.app import main


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


def run_cli(monkeypatch, capsys, *args):
    """`python -m sweeper ARGS` in the working directory."""
    # Hydra composes the config one time more, a quarter of a small sweep's time, only to look for
    # hydra.mode, which nothing sets.
    monkeypatch.setattr(Hydra, "get_mode", lambda *_, **__: None)
    monkeypatch.setattr(sys, "argv", ["sweeper", *args])
    capsys.readouterr()
    try:
        main()
        code = 0
    except SystemExit as leaving:
        code = leaving.code or 0
    captured = capsys.readouterr()
    return Ended(code, captured.out, captured.err)
