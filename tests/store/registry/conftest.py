import pytest

from tests.store.postgres import postgres


@pytest.fixture(scope="session")
def server():
    """A Postgres server, for tests that begin by dropping what is in it."""
    with postgres() as url:
        yield url
