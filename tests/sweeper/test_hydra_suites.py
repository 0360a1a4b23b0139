"""Hydra's own suites for sweepers, run with ours: what holds, and what is exempt and why.

They sweep applications of Hydra's. `hydra/sweeper=vector` serves this application only, so most
tests must end with the line that says so. The control, `hydra/sweeper=basic` with our plugin
installed, passes all of them: the plugin does other applications no harm.
"""

import subprocess
from pathlib import Path

import pytest
from hydra import version
from hydra.core.plugins import Plugins
from hydra.plugins.sweeper import Sweeper
from hydra.test_utils.launcher_common_tests import (
    BatchedSweeperTestSuite,
    IntegrationTestSuite,
    LauncherTestSuite,
)

from hydra_plugins.vector_sweeper import VectorSweeper
from sweeper.multirun import NotOurs

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
LINE = (
    "hydra/sweeper=vector: serves Sweeper's own application only, and this config is not built on"
)
OTHER = "sweeps another application, which gets the line that says whom the plugin serves"
PASS = ("test_not_sweeping_hydra_overrides", "test_sweep_1_job_strict_and_bad_key")
"""Tests of Hydra's that hold for ours; all others are exempt: OTHER."""

vector = pytest.mark.parametrize(
    ("launcher_name", "overrides"), [("basic", ["hydra/sweeper=vector"])]
)
basic = pytest.mark.parametrize(
    ("launcher_name", "overrides"), [("basic", ["hydra/sweeper=basic"])]
)


theirs = pytest.mark.filterwarnings("ignore:\\s*Future Hydra versions:UserWarning")


def flags(sweeper):
    words = ["-m", f"hydra/sweeper={sweeper}", "hydra/launcher=basic"]
    return pytest.mark.parametrize(("task_launcher_cfg", "extra_flags"), [({}, words)])


@pytest.fixture
def exempt(request, monkeypatch, capfd):
    """Have a test that is exempt fail by our line, and by nothing else."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    if request.node.originalname in PASS:
        yield
        return
    raised = (NotOurs, subprocess.CalledProcessError)
    request.applymarker(pytest.mark.xfail(raises=raised, strict=True, reason=OTHER))
    yield
    if request.cls is TestVectorIntegration:
        (line,) = [line for line in capfd.readouterr().err.splitlines() if LINE in line]
        assert "Traceback" not in line


@pytest.fixture
def base(monkeypatch):
    """The version of Hydra that its suites suppose, whatever this process has imported before."""
    monkeypatch.setattr(version.VersionBase.instance(), "version_base", version._get_version("1.1"))


def test_our_sweeper_is_discovered():
    names = [plugin.__name__ for plugin in Plugins.instance().discover(Sweeper)]
    assert VectorSweeper.__name__ in names


@vector
@pytest.mark.usefixtures("exempt")
class TestVector(LauncherTestSuite):
    """Eight of nine in-process tests sweep Hydra's example configs."""


@vector
@pytest.mark.usefixtures("exempt")
class TestVectorBatched(BatchedSweeperTestSuite):
    """Batches of two: ours is one batch, as all cells run together."""


@flags("vector")
@pytest.mark.usefixtures("exempt")
@pytest.mark.kill
class TestVectorIntegration(IntegrationTestSuite):
    """Scripts in processes of their own."""


@basic
@theirs
@pytest.mark.usefixtures("base")
class TestBasic(LauncherTestSuite):
    """The control."""


@pytest.mark.parametrize(
    ("launcher_name", "overrides"),
    [("basic", ["hydra/sweeper=basic", "hydra.sweeper.max_batch_size=2"])],
)
@theirs
@pytest.mark.usefixtures("base")
class TestBasicBatched(BatchedSweeperTestSuite):
    """The control."""


@flags("basic")
@pytest.mark.kill
class TestBasicIntegration(IntegrationTestSuite):
    """The control."""

    @pytest.fixture(autouse=True)
    def installed(self, monkeypatch):
        monkeypatch.setenv("PYTHONPATH", str(ROOT))


def test_the_line_tells_what_to_choose_instead():
    assert NotOurs.line().startswith(LINE)
    assert NotOurs.line().endswith("choose hydra/sweeper=basic")
