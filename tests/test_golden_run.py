"""Commands print, and leave behind, what they did when tests/golden/ was recorded."""

import pytest

from tests import golden_run

pytestmark = pytest.mark.slow

NAMES = sorted(file.stem for file in golden_run.FOLDER.glob("*.txt"))


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", "120")
        return golden_run.outcome(tmp_path_factory.mktemp("golden"))


def test_the_recorded_texts_are_those_of_the_run(texts):
    assert sorted(texts) == NAMES
    assert {*golden_run.COMMANDS, "files"} < {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_command_or_file_is_as_recorded(texts, name):
    """A wanted change is recorded by `python -m tests.golden_run`, and reviewed in git."""
    assert texts[name] == (golden_run.FOLDER / f"{name}.txt").read_text()
