"""One small sweep, for everything that is exported."""

import pytest

from store.query.edit_annotations import note, tag
from store.query.results import Results
from sweeper.sweep import sweep


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """Six configurations and the baseline, which is one of them, on NASDAQ."""
    root = tmp_path_factory.mktemp("exported") / "results"
    made = sweep(
        "strategy=sma",
        "params.fast=5,10,20",
        "params.slow=50,100",
        "data.end=2003-12-31",
        "name=averages",
        "description=Two averages",
        "tags=[trend]",
        "executor=inline",
        f"store.root={root}",
    )
    found = Results(root)
    tag(found, made.id, ["prod"])
    note(found, made.id, hypothesis="Trends last")
    return found


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """An empty working folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path
