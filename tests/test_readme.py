"""The README's commands and Python run as printed, in order; the demo on a small size."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from store.query.results import Results
from store.records import experiment as experiments
from tests import warm

pytestmark = pytest.mark.slow

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
    """Run a command that names Python in any way in a process that has all imported; its output."""
    python, kind, name, *own = words
    assert Path(python).name.startswith("python")
    ended = warm.run(kind, name, own, folder)
    assert ended.code == code, ended.err
    return ended.out


def test_make_sweep_is_the_demo(workplace):
    words = recipe("sweep")
    assert words[1:] == ["-m", "sweeper", "-m", "+experiment=demo"]
    out = run([*words, *SMALL], workplace)
    assert "On bars without skill the best of" in " ".join(out.split())
    (page,) = workplace.glob("reports/*.html")
    assert str(page.relative_to(workplace)) in out


def test_make_test_runs_the_quick_tests():
    assert recipe("test")[1:] == ["-m", "tests", "-m", "not kill and not slow"]


@pytest.mark.parametrize("words", [w for w in commands() if w[0] != "make"], ids=" ".join)
def test_commands_run(words, workplace):
    """And give a full answer, in the order of the README, whatever those before have run."""
    out = run(words, workplace)
    if words[2] == "sweeper" and "-m" in words[3:]:
        assert numbered(out) == list(range(1, 11)), "ten of the best"
        (latest, *_) = experiments.every(workplace / "results")
        assert latest.counts["planned"] == latest.counts["done"] + latest.counts["skipped"]
        assert len(Results(workplace / "results").runs(latest.id)) == latest.counts["planned"]
    if words[3:5] == ["top", "sharpe"]:
        assert numbered(out) == list(range(1, int(words[-1]) + 1))
    if words[3] == "list":
        every = experiments.every(workplace / "results")
        assert sum(line.startswith("exp-") for line in out.splitlines()) == len(every) > 3
    if "latest" in words[-1]:
        (latest, *_) = experiments.every(workplace / "results")
        best = Results(workplace / "results").top("sharpe", 1, latest.id)["sharpe"][0].as_py()
        assert latest.id in out
        assert f"{best:.2f}" in out
        assert best > 0.4


def numbered(out):
    """The places of the rows of a table of runs."""
    rows = re.findall(r"^ *(\d+) +(?:[0-9a-f]{10}|exp-|sma|rsi|breakout)", out, re.M)
    return [int(place) for place in rows]


def test_the_strategy_is_an_example_and_so_is_an_experiment_outside_the_checkout(tmp_path):
    kit = shutil.copytree(ROOT / "examples" / "my_quant", tmp_path / "my_quant")
    assert (kit / "breakout.py").read_text() == STRATEGY
    text = (kit / "conf" / "experiment" / "breakout.yaml").read_text()
    words = shlex.split(re.search(r"^#   (python .*)", text, re.M)[1])
    out = run([*words, "executor=inline"], tmp_path)
    assert numbered(out) == list(range(1, 11))
    suggested = shlex.split(re.search(r"^  (python -m sweeper .*)", out, re.M)[1])
    assert "breakout" in run(suggested, tmp_path)
    check = shlex.split(re.search(r"`(python -m promote [^`]*)`", out)[1])
    assert check[:5] == ["python", "-m", "promote", "--module", "my_quant.breakout"]
    assert "evidence" in run(check, tmp_path, code=3)


def test_a_part_of_what_was_swept_is_shown_whole(workplace):
    """Nothing is left to run, and everything is there to see."""
    words = ["strategy=sma", "params.fast=range(5,20)", "params.slow=range(60,90,2)"]
    out = " ".join(run([sys.executable, "-m", "sweeper", "-m", *words], workplace).split())
    assert "226 configurations, the baseline among them, on NASDAQ" in out
    assert "226 of them are in the store already, from exp-" in out
    assert "All 226 runs were made before, by exp-" in out
    assert Results(workplace / "results").top("sharpe", 1000, "latest").num_rows == 226


@pytest.mark.parametrize("code", [code for code in blocks("python") if code != STRATEGY])
def test_python_runs(code, workplace):
    shown = float(run([sys.executable, "-c", code], workplace).split()[-1])
    assert shown > 0
    if "sweep(" in code:
        asked = [(fast, slow) for fast in range(5, 60) for slow in (60, 120, 180)]
        runs = Results(workplace / "results").runs("latest").to_pandas()
        own = runs[~runs["baseline"]]
        assert sorted(zip(own["params.fast"], own["params.slow"], strict=True)) == asked
        assert shown == pytest.approx(own["sharpe"].max(), abs=1e-6)


def test_the_gate_says_no_to_the_demo(workplace):
    """On a part of it; what the README shows is its word on the whole."""
    (shown,) = blocks("console")
    command = shlex.split(shown.splitlines()[0].removeprefix("$ "))
    assert command[-1] == "demo"
    out = run([*command, "--allow-dirty"], workplace, 3)
    assert {"spa", "deflated_sharpe"} <= set(out.split())
    assert "Not promotable" in out
    assert "Not promotable" in shown


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []
