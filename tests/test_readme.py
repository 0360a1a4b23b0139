"""The README's commands and Python run as printed, in order; the demo on a small size."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from store import experiment as experiments

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
SMALL = ["search=random", "search.n=20", "executor=inline"]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


STRATEGY = next(code for code in blocks("python") if "def signal" in code)


def commands():
    """Words of every command, comments dropped."""
    lines = "\n".join(blocks("bash")).splitlines()
    split = [shlex.split(line, comments=True) for line in lines]
    return [words for words in split if words and words[0] != "."]


def recipe(target):
    """What a make target runs once the environment is ready."""
    stamp = ROOT / ".venv" / ".ready"
    told = subprocess.run(
        ["make", "--no-print-directory", "-n", "-o", str(stamp.relative_to(ROOT)), target],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return shlex.split(told.splitlines()[-1])


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    folder = tmp_path_factory.mktemp("readme")
    (folder / "my_quant").mkdir()
    (folder / "my_quant" / "breakout.py").write_text(STRATEGY)
    return folder


def run(words, folder, code=0):
    """Run a command that names Python in any way with this Python; what it prints."""
    if Path(words[0]).name.startswith("python"):
        words = [sys.executable, *words[1:]]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        words, cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    assert ended.returncode == code, ended.stderr
    return ended.stdout


def test_make_sweep_is_the_demo(workplace):
    words = recipe("sweep")
    assert words[1:] == ["-m", "sweeper", "-m", "+experiment=demo"]
    out = run([*words, *SMALL], workplace)
    assert "is not a discovery" in out
    (page,) = workplace.glob("reports/*.html")
    assert str(page.relative_to(workplace)) in out


def test_make_test_runs_all_tests():
    assert recipe("test")[1:] == ["-m", "tests", "-m", "not kill"]


@pytest.mark.parametrize("words", [w for w in commands() if w[0] != "make"], ids=" ".join)
def test_commands_run(words, workplace):
    assert run(words, workplace)


@pytest.mark.parametrize("code", [code for code in blocks("python") if code != STRATEGY])
def test_python_runs(code, workplace):
    assert float(run([sys.executable, "-c", code], workplace).split()[-1]) > 0


def test_the_gate_says_no_to_the_demo(workplace):
    """On a part of it; what the README shows is its word on the whole."""
    (shown,) = blocks("console")
    command = shlex.split(shown.splitlines()[0].removeprefix("$ "))
    (demo,) = (one.id for one in experiments.every(workplace / "results") if one.name == "demo")
    assert command[-1] == "latest"
    out = run([*command[:-1], demo, "--allow-dirty"], workplace, 3)
    assert {"spa", "deflated_sharpe"} <= set(out.split())
    assert "Not promotable" in out
    assert "Not promotable" in shown


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
