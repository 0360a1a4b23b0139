from collections.abc import Iterator

import pytest

from sweeper.config import RayConfig
from sweeper.executors.cluster import Cluster, connect


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A Ray of two cores, started once for all tests."""
    with connect(RayConfig(num_cpus=2, dashboard=False)) as cluster:
        yield cluster
