"""A store with one small experiment of real bars, made once."""

import pytest

from sweeper.sweep import sweep
from tests.serve.served import application, client


@pytest.fixture(scope="session")
def swept(tmp_path_factory):
    """A store with 21 moving-average pairs on daily bars, the baseline among them."""
    root = tmp_path_factory.mktemp("serve") / "results"
    words = ["strategy=sma", "params.fast=5,10,15,25", "params.slow=50,60,80,100,120"]
    sweep(*words, f"store.root={root}", "name=demo", "executor=inline", "data.end=2010-12-31")
    return root


@pytest.fixture
def app(swept):
    return application(swept)


@pytest.fixture
def run(app):
    """A program with the token of the role run."""
    return client(app)
