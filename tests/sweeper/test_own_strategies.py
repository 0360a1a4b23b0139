"""A user's own strategy file: run as docs/strategies.md prints it, checked, refused in one line."""

import importlib
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from store.query.results import Results
from store.records.experiment import every
from sweeper.evaluate import lookahead
from tests.sweeper.cli import run_cli

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
DOCS = (ROOT / "docs" / "strategies.md").read_text()
SOURCE = re.findall(r"```python\n(.*?)```", DOCS, re.DOTALL)[0]
COMMANDS = re.findall(r"```bash\n(.*?)```", DOCS, re.DOTALL)[0]
CHEAT = SOURCE.replace("close[i] > top[i - 1]", "close[min(i + 1, out.size - 1)] > top[i]")
SWEEP = ("-m", "strategy=custom", "params.length=10,20", "executor=inline")
RAYS_WORDS = re.compile(r"pid=|raylet|INFO|WARNING|Trial|Tune|ray::|dashboard|http")
"""Of which each line that Ray and Tune print by themselves has one."""
SINGLE = ("strategy=custom", "output=json")


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    """The command line in an empty folder, from which Python imports."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)
    yield lambda *args: run_cli(monkeypatch, capsys, *args)
    for name in {name for name in sys.modules if name.startswith("my_")} - before:
        del sys.modules[name]


def write(name, text):
    """A file of the user's under an import path; what was imported before is forgotten."""
    path = Path(*name.split(".")).with_suffix(".py")
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    sys.modules.pop(name, None)
    importlib.invalidate_caches()
    return f"strategy.module={name}"


def left():
    return sorted(path.name for path in Path().iterdir())


def words(line):
    """What a command gives `python -m sweeper`."""
    return [word.strip("'") for word in line.split()[3:]]


def test_the_printed_strategy_runs_as_printed(cli, tmp_path):
    write("my_quant.breakout", SOURCE)
    single, sweep = COMMANDS.splitlines()
    assert "breakout length=30" in cli(*words(single)).out
    ended = cli(*words(sweep))
    assert (ended.code, ended.err) == (0, "")
    (experiment,) = every(tmp_path / "results")
    assert experiment.counts["done"] == 50  # one of the 50 lengths is the default
    assert experiment.groups[0].module == "my_quant.breakout"
    assert Results(tmp_path / "results").runs("latest")["look_ahead"].to_pylist() == [False] * 50


def test_workers_find_it_too(tmp_path, cli):
    """In the working directory, from a fresh process; the checkout is on PYTHONPATH."""
    write("my_quant.breakout", SOURCE)
    args = [*SWEEP[:-1], "strategy.module=my_quant.breakout", "executor=ray"]
    ended = subprocess.run(
        [sys.executable, "-m", "sweeper", *args, "ray.num_cpus=1", "ray.dashboard=false"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert not RAYS_WORDS.search(ended.stdout), "nothing of Ray's own"
    (experiment,) = every(tmp_path / "results")
    assert experiment.counts["done"] == 2
    assert experiment.counts["failed"] == 0


def test_a_conf_folder_of_the_users_own(cli, tmp_path):
    write("my_quant.breakout", SOURCE)
    conf = tmp_path / "conf" / "strategy"
    conf.mkdir(parents=True)
    custom = (ROOT / "conf" / "strategy" / "custom.yaml").read_text()
    text = custom.replace("???", "my_quant.breakout").replace("{}", "{length: 'range(5,9)'}", 1)
    (conf / "mine.yaml").write_text(text)
    ended = cli("-m", "strategy=mine", f"hydra.searchpath=[file://{tmp_path}/conf]")
    assert ended.code == 0, ended.err
    (experiment,) = every(tmp_path / "results")
    assert experiment.groups[0].space == {"params.length": "range(5,9,1)"}


@pytest.mark.parametrize("flag", [(), ("strategy.direction=long,both",)])
def test_a_cheat_is_refused_and_nothing_is_left(cli, flag):
    ended = cli(*SWEEP, write("my_quant.cheat", CHEAT), *flag)
    assert (ended.code, ended.out) == (2, "")
    assert re.fullmatch(
        r"strategy my_quant\.cheat: looks ahead: the code of bar (\d+) \(\d{4}-\d\d-\d\d\) changes "
        r"when bars from (\d+) on change \(params length=\d+\); fix the rule, or pass "
        r"strategy\.allow_look_ahead=true, which every row records\n",
        ended.err,
    )
    assert left() == ["my_quant"]


@pytest.mark.parametrize("flag", ["--allow-look-ahead", "strategy.allow_look_ahead=true"])
def test_the_override_is_recorded_in_every_row(cli, tmp_path, flag):
    module = write("my_quant.cheat", CHEAT)
    assert cli(*SWEEP, module, flag).code == 0
    runs = Results(tmp_path / "results").runs("latest")
    assert runs["look_ahead"].to_pylist() == [True, True]
    (experiment,) = every(tmp_path / "results")
    assert experiment.groups[0].look_ahead is True
    assert cli(*SWEEP, module).code == 2  # what is in the store excuses nothing


def test_one_backtest_warns(cli):
    ended = cli(*SINGLE, write("my_quant.cheat", CHEAT))
    assert ended.code == 0
    assert ended.err.startswith("Warning: strategy my_quant.cheat: looks ahead: the code of bar ")
    assert ended.err.endswith("; no sweep will run it\n")
    assert cli(*SINGLE, "strategy.module=my_quant.cheat", "--allow-look-ahead").err == ""


@pytest.fixture
def checks(monkeypatch, tmp_path):
    """Strategies that are checked, remembered in a folder of the test's own."""
    seen = []

    def find(strategy, params, series):
        seen.append(strategy.module)

    memory = tmp_path.parent / f"{tmp_path.name}-memory"
    monkeypatch.setattr(lookahead, "MEMORY", memory)
    monkeypatch.setattr(lookahead, "find_cheat", find)
    return seen


def test_a_pass_is_remembered_until_something_changes(cli, checks):
    module = write("my_quant.breakout", SOURCE)
    cli(*SWEEP, module)
    cli(*SWEEP, module, "force=true")
    cli(*SWEEP, module, "strategy.direction=both")
    assert len(checks) == 1
    cli(*SWEEP, module, "params.length=10,30")
    assert len(checks) == 2
    cli(*SWEEP, module, "data=sp500")
    assert len(checks) == 3
    write("my_quant.breakout", SOURCE + "\n# edited\n")
    cli(*SWEEP, module)
    assert checks == ["my_quant.breakout"] * 4


def test_an_edit_of_what_it_imports_is_seen(cli, checks):
    helper = "from kernels.indicators import column, highest, lowest\n"
    write("my_quant.parts", helper)
    module = write("my_quant.breakout", SOURCE.replace("kernels.indicators", "my_quant.parts"))
    cli(*SWEEP, module)
    cli(*SWEEP, module, "force=true")
    assert len(checks) == 1
    write("my_quant.parts", helper + "# edited\n")
    write("my_quant.breakout", SOURCE.replace("kernels.indicators", "my_quant.parts"))
    cli(*SWEEP, module)
    assert len(checks) == 2


def test_a_cheat_is_never_remembered(cli, monkeypatch, tmp_path):
    monkeypatch.setattr(lookahead, "MEMORY", tmp_path.parent / f"{tmp_path.name}-none")
    module = write("my_quant.cheat", CHEAT)
    assert [cli(*SWEEP, module).code for _ in range(2)] == [2, 2]


def test_a_strategy_without_axes_is_checked(cli):
    ended = cli("-m", "strategy=custom", write("my_quant.cheat", CHEAT))
    assert (ended.code, "(params length=20)" in ended.err) == (2, True)


BROKEN = {
    "syntax": (SOURCE.replace("class Params", "class"), r"SyntaxError: .*broken\.py, line 11\)"),
    "import": ("\nimport nothing_like_it", r"No module named .*broken\.py, line 2\)"),
    "error": ("x = 1\n1 / 0", r"cannot import .* ZeroDivisionError: .*broken\.py, line 2\)"),
    "no signal": (
        SOURCE.partition("@njit")[0],
        "needs a function signal or weight or score or pair, decorated with @njit",
    ),
    "plain signal": (
        SOURCE.replace("@njit", "#"),
        "needs a function signal or weight or score or pair, decorated with @njit",
    ),
    "signature": (
        SOURCE.replace("indicators, rows, params, out", "close, out"),
        r"signal must take \(indicators, rows, params, out\), got \(close, out\)",
    ),
    "typing": (SOURCE.replace("out[0] = HOLD", "out.hold"), r"attribute 'hold' .*py, line 24\)"),
    "raises": (SOURCE.replace("out[0] = HOLD", "raise ValueError('no')"), "ValueError: no"),
    "row": (SOURCE.replace('highest, "close", "length"', 'highest, "close"'), "arguments"),
}


@pytest.mark.parametrize("args", [SWEEP, SINGLE], ids=["sweep", "single"])
@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_one_line_and_leaves_nothing(cli, fault, args):
    text, message = BROKEN[fault]
    ended = cli(*args, write("my_quant.broken", text))
    assert (ended.code, ended.out) == (2, "")
    assert re.search(r"^strategy '?my_quant\.broken'?: .*" + message, ended.err), ended.err
    assert ended.err.count("\n") == 1
    assert left() == ["my_quant"]


@pytest.mark.parametrize(
    ("module", "message"),
    [
        ("???", "strategy.module: is missing; write strategy.module=VALUE"),
        ("my_quant.nowhere", "No module named 'my_quant"),
        ("my_quant/breakout", "is no import path; write my_quant.breakout for the file"),
        ("my_quant", "no such name"),
    ],
)
def test_a_module_that_is_not_there(cli, module, message):
    ended = cli(*SWEEP, f"strategy.module={module}")
    assert ended.code == 2
    assert message in ended.err
    assert ended.err.count("\n") == 1
    assert left() == []
