"""For every test: Hypothesis without deadlines, a short luck line, stores in both kinds of place.

No test of ours is about wall-clock time. Nothing here for Numba: `kernels` itself names its cache
by a hash of the sources, so a second run compiles nothing and a run after an edit compiles all. Nor
may a test write into the registry or the store that the environment names.
"""

import gc
import itertools
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

from store.files import s3_client
from store.files.s3 import S3Path
from store.luck import measuring

settings.register_profile("sweeper", deadline=None)
settings.load_profile("sweeper")
os.environ.pop("DATABASE_URL", None)
os.environ.pop("SWEEPER_ROOT", None)

gc.disable()  # until all tests are collected, which takes half the time without


def pytest_collection_finish():
    """Look no more through what is there now, all of which stays: a tenth of the time is saved."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure():
    gc.unfreeze()  # else DuckDB complains that it is never cleared up


HISTORIES = measuring.HISTORIES


@pytest.fixture(scope="session", autouse=True)
def few_histories():
    """The luck line on the fewest histories of any plan: all of them take half of a small sweep.

    What is said of luck is tested with `all_histories`.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(measuring, "HISTORIES", HISTORIES[-1:])
        yield


@pytest.fixture(scope="session", autouse=True)
def no_waiting_for_the_disk():
    """`fsync` at once: what it is for, a power cut, no test can see; it is 5 ms of every file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def all_histories(monkeypatch):
    """The luck line on as many histories as users get."""
    monkeypatch.setattr(measuring, "HISTORIES", HISTORIES)


SERVER = Path(__file__).parent / "store" / "s3_server.py"


@pytest.fixture(scope="session")
def s3_server():
    """Address of an S3 server; this process and its children find it as they would any other."""
    with subprocess.Popen([sys.executable, SERVER], stdout=subprocess.PIPE, text=True) as server:
        address = server.stdout.readline().strip()
        os.environ |= {
            "AWS_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        s3_client._connection.cache_clear()  # a client made before has no credentials
        yield address
        server.kill()


@pytest.fixture(scope="session")
def new_bucket(s3_server):
    """Makes an empty bucket each time it is called, and gives a store's root in it."""
    import boto3  # late: only where a test needs a bucket

    client, numbers = boto3.client("s3"), itertools.count()

    def make(kind="bucket"):
        name = f"{kind}-{next(numbers)}"
        client.create_bucket(Bucket=name)
        return S3Path(name, "some/results")

    return make


@pytest.fixture(params=["folder", "bucket"])
def root(request, tmp_path):
    """The root of an empty store, in a folder and in a bucket."""
    if request.param == "folder":
        return tmp_path
    return request.getfixturevalue("new_bucket")()
