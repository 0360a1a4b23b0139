"""The checkout on the path of an environment: from any folder, with the uploaded code first."""

import os
import shutil
import subprocess
import sysconfig
import venv
from pathlib import Path

import hydra
import pytest

from sweeper.checkout import PATH_FILE, ROOT, add_to, version

pytestmark = pytest.mark.slow

HOST = """
from store.records.experiment import Experiment
from sweeper.backtest import Backtest, run_backtest
from sweeper.handle import RunningSweep, start
from sweeper.run.events import Event, Finished


def heard(event: Event) -> None:
    if isinstance(event, Finished):
        print(event.experiment.id)


def run() -> Experiment:
    running: RunningSweep = start("params.fast=5,10", on_event=heard)
    return running.result(timeout=60.0)


sharpe: float = run_backtest(Backtest(strategy="sma", symbol="NASDAQ")).metrics["sharpe"]
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """An environment as `make` leaves it, with the packages of the one that runs the tests."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    venv.create(folder, symlinks=True)
    paths = sysconfig.get_paths(vars={"base": str(folder), "platbase": str(folder)})
    Path(paths["purelib"], "packages.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    add_to(paths, folder / "bin" / "python")
    return folder / "bin"


def ran(folder, *words, code=0):
    """Standard output of a command in a folder, without the variables that name our checkout."""
    variables = {name: os.environ[name] for name in os.environ if name != "PYTHONPATH"}
    ended = subprocess.run(words, cwd=folder, env=variables, capture_output=True, text=True)
    assert ended.returncode == code, ended.stderr
    return ended.stdout if code == 0 else ended.stdout + ended.stderr


def test_a_sweep_starts_in_any_folder_and_its_results_stay_there(environment, tmp_path):
    words = ("params.fast=5,10", "executor=inline", "hydra.sweep.dir=jobs")
    out = ran(tmp_path, environment / "sweeper", "-m", *words)
    assert "3 configurations, the baseline among them" in out
    assert {path.name for path in tmp_path.iterdir()} >= {"results", "jobs"}


@pytest.mark.parametrize("start", [("sweeper",), ("python", "-m", "sweeper")])
def test_the_code_of_the_folder_comes_first(environment, tmp_path, start, monkeypatch):
    """As in a job on a cluster, which starts in a copy of what was uploaded."""
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")  # a copy is compiled again, for half a minute
    for folder in ("conf", "hydra_plugins", "kernels", "store", "sweeper"):
        ignored = shutil.ignore_patterns("__pycache__", "py.typed")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    app = tmp_path / "sweeper" / "app.py"
    app.write_text(app.read_text().replace('f"Sweeper {', 'f"Uploaded {'))
    out = ran(tmp_path, environment / start[0], *start[1:], "--version")
    assert out.startswith(f"Uploaded {version()}")


@pytest.mark.parametrize("start", [("sweeper",), ("python", "-m", "sweeper")])
def test_the_version_is_ours_and_names_hydras(environment, tmp_path, start):
    out = ran(tmp_path, environment / start[0], *start[1:], "--version")
    assert out == f"Sweeper {version()} (Hydra {hydra.__version__})\n"


def test_a_shell_completes_its_name(environment, tmp_path):
    script = ran(tmp_path, environment / "sweeper", "--shell-completion", "install=bash")
    assert "hydra_bash_completion sweeper" in script
    line = {"COMP_LINE": "sweeper strategy=rs", "COMP_POINT": "19"}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in line.items():
            patch.setenv(name, value)
        words = ("--shell-completion", "query=bash")
        assert ran(tmp_path, environment / "sweeper", *words).split() == [
            "strategy=rsi",
            "strategy=rsi2",
        ]


def test_every_package_has_types():
    packages = [path.parent for path in ROOT.glob("*/py.typed")]
    assert {path.name for path in packages} >= {"kernels", "store", "sweeper", "promote"}


@pytest.mark.kill  # a minute of processor time, for NumPy and pandas are checked, too
def test_a_strict_host_is_given_types(environment, tmp_path):
    (tmp_path / "host.py").write_text(HOST)
    mypy = (environment / "python", "-m", "mypy", "--strict", "host.py")
    assert ran(tmp_path, *mypy).startswith("Success: no issues found in 1 source file")
    (tmp_path / "host.py").write_text(HOST.replace("timeout=60.0", 'timeout="60"'))
    assert '"result" of "RunningSweep" has incompatible type "str"' in ran(tmp_path, *mypy, code=1)


def test_the_path_file_names_this_checkout(environment):
    (path,) = environment.parent.rglob(PATH_FILE)
    assert path.read_text() == f"{ROOT}\n"
