"""A forked process has connections to S3 of its own: two that share one would mix answers up."""

import subprocess
import sys

FORKING = """
import os
from store.files import s3_client
before = s3_client.client()
if pid := os.fork():
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert s3_client.client() is before
else:
    assert s3_client.client() is not before
    assert s3_client.client() is s3_client.client()
"""


def test_a_forked_process_makes_a_client_of_its_own(s3_server):
    """In a process without threads, as those that fork workers are: a lock of one would stay."""
    subprocess.run([sys.executable, "-c", FORKING], check=True, timeout=300)
