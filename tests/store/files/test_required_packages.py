"""A Python without the packages: one line before anything starts."""

import subprocess
import sys

import pytest

from store.files import required_packages
from sweeper.executors.ray.runtime_env import ROOT


@pytest.mark.parametrize("package", ["sweeper", "store", "promote", "operate"])
def test_a_python_without_the_environment_is_refused_in_one_line(package, tmp_path):
    words = [sys.executable, "-S", "-m", package, "--help"]  # -S: without site-packages
    ended = subprocess.run(
        words,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert ended.stderr.startswith(f"{sys.executable}: lacks numpy, pandas, ")
    assert ("ray" in ended.stderr.partition(";")[0].split(", ")) == (package == "sweeper")


def test_an_old_python_is_refused_by_its_version(monkeypatch, capsys):
    monkeypatch.setattr(required_packages, "OLDEST", (99, 1))
    with pytest.raises(SystemExit) as end:
        required_packages.require_packages()
    assert end.value.code == 2
    assert "and Sweeper needs 99.1 or newer" in capsys.readouterr().err


def test_what_is_there_is_not_complained_of():
    required_packages.require_packages("hydra", "omegaconf", "ray")
