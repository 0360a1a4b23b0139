import contextlib
import shutil

import pytest

from tests.operate.operated import Operated, bars, build, no_holidays


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """A store with an approved profile, for all tests: copy it to write to it."""
    folder = tmp_path_factory.mktemp("operate")
    with contextlib.chdir(folder):
        build()
    return folder


@pytest.fixture
def operated(template, tmp_path, monkeypatch):
    """A copy of it, as the working directory."""
    shutil.copytree(template, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return Operated(no_holidays(bars()))
