"""A forked process has connections to S3 of its own: two that share one would mix answers up."""

import os
from multiprocessing import Pipe

from store.files import s3_client


def test_a_forked_process_makes_a_client_of_its_own(s3_server):
    before = s3_client.client()
    here, there = Pipe()
    pid = os.fork()
    if pid == 0:
        try:
            there.send((s3_client.client() is before, s3_client.client() is s3_client.client()))
        finally:
            os._exit(0)
    assert here.poll(60)
    assert here.recv() == (False, True)
    os.waitpid(pid, 0)
    assert s3_client.client() is before
