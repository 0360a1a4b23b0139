import pytest

from tests.promote.promoted import swept
from tests.promote.swept import Swept, planted_bars, sweep


@pytest.fixture(scope="session")
def planted(tmp_path_factory):
    """A sweep on bars with an edge, as one store for all tests: copy it to write to it."""
    folder = tmp_path_factory.mktemp("planted")
    bars = planted_bars(folder / "EDGE.parquet")
    return Swept(folder / "results", bars, sweep(folder / "results", bars))


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """The store of `swept`, for all tests: copy it to write to it."""
    root = tmp_path_factory.mktemp("template") / "results"
    swept(root)
    return root


@pytest.fixture
def committed(monkeypatch):
    """As if all code were in a commit."""
    monkeypatch.setattr("promote.audit.git_tree.changed_files", tuple)
