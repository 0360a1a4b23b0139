"""A small store with one swept experiment, and what it takes to promote from it."""

import shutil
from contextlib import redirect_stdout
from io import StringIO

from promote.config import Conf
from promote.gate.evidence.options import Question
from promote.gate.judge import judge
from promote.gate.preset import Preset
from promote.promotion.apply import apply
from promote.promotion.from_judgement import Wish
from promote.promotion.transaction import Desk
from store.registry import open_registry
from sweeper.sweep import sweep_cells
from tests.sweeper.planned import GRID, make_cell

EASY = Preset("easy", {"verify": 0.0, "look_ahead": 0.0})
HARD = Preset("hard", {"verify": 0.0, "min_sharpe": 99.0})
DATA = {"source": "synthetic", "kind": ["trend"], "bars": 400, "seed": 1}
NAMES = [
    *("", ".", "..", "../x", "a/b", "a\\b", "/etc/passwd", "A", "a.b", ".git", "-x", "_x", "x\n"),
    *(
        "x\0",
        "~",
        "$HOME",
        "a;b",
        "a*b",
        "%2e%2e",
        "é",
        "a\u202eb",
        "CON:",
        "${x}",
        "a b",
        "a" * 64,
    ),
]
"""Names that no profile may have."""


def swept(root):
    """Fill a store with the runs of 73 configurations of sma on 400 synthetic bars."""
    cell = make_cell(*GRID, data=DATA, store={"root": str(root)}, executor="inline")
    with redirect_stdout(StringIO()):
        sweep_cells([cell], ["python", "-m", "sweeper", "-m"])


def desk_in(folder, template, **settings):
    """A desk in `folder` on a copy of a swept store; settings are those of Conf and Desk."""
    shutil.copytree(template, folder / "results")
    of_conf = {
        name: settings.pop(name) for name in ("public_keys", "signing_key") if name in settings
    }
    return Desk(folder / "results", Conf(folder / "profiles", **of_conf), **settings)


def judged(desk, ref="latest/best", preset=EASY, **question):
    """The gate's word on a run."""
    return judge(desk.root, ref, preset, Question(**question), open_registry(desk.root))


def wish(profile="scalp", **said):
    """What a person says, unless told otherwise."""
    return Wish(**{"profile": profile, "by": "ann@example.org", "reason": "a trend", **said})


def promoted(desk, ref="latest/best", **said):
    """A run as the next version of a profile."""
    return apply(desk, judged(desk, ref), wish(**said))


def everything(folder):
    """Contents of all files below a folder by path, locks and temporaries left out."""
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if not path.name.startswith(".")
    }
