from collections.abc import Iterator

import pytest

from sweeper.config.schema import RayConfig
from sweeper.executors.ray.cluster import Cluster, connect
from sweeper.search.llm_model.settings import FAMILIES


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Ray of two cores, started once for all tests."""
    with connect(RayConfig(num_cpus=2, dashboard=False)) as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def no_model(monkeypatch):
    """No test asks a language model that the developer has set up."""
    for family, *_ in FAMILIES:
        for name in ("API_KEY", "BASE_URL", "MODEL"):
            monkeypatch.delenv(f"{family}_{name}", raising=False)
