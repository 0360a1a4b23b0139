"""A release: the version, the changelog's heading, and what is refused."""

import datetime
import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parent.parent / ".ci" / "release.py"
CHANGES = "# Changelog\n\n## Unreleased\n\n- a thing\n\n## 0.1.0\n\n- first\n"


@pytest.fixture(scope="module")
def release():
    spec = importlib.util.spec_from_file_location("release", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_what_is_unreleased_gets_the_heading_of_its_version(release):
    text = release.with_heading(CHANGES, "0.2.0", datetime.date(2026, 12, 1))
    assert text == CHANGES.replace("## Unreleased\n", "## Unreleased\n\n## 0.2.0 (2026-12-01)\n")


def test_nothing_unreleased_is_refused(release):
    with pytest.raises(ValueError, match="nothing under Unreleased"):
        release.with_heading("## Unreleased\n\n## 0.1.0\n\n- first\n", "0.2.0", None)


def test_the_version_in_the_project_is_replaced(release):
    assert release.with_version('version = "0.1.9"\n', "0.1.10") == 'version = "0.1.10"\n'


@pytest.mark.parametrize("version", ["0.1.0", "0.0.9", "1", "v1.0.0", ""])
def test_a_version_that_is_not_greater_or_no_version_is_refused(release, version):
    with pytest.raises(ValueError, match="VERSION"):
        release.with_version('version = "0.1.0"\n', version)


def test_main_says_one_line(release, capsys):
    assert release.main("nonsense") == 2
    assert capsys.readouterr().err.count("\n") == 1
