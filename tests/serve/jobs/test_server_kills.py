"""The server killed in the middle of a sweep: the sweep goes on, and a new server follows it."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time

import httpx2
import pytest

from store.query.results import Results
from tests.documents import ROOT

WORDS = ["strategy=sma", "params.fast=range(2,120)", "params.slow=range(120,260)",
         "risk.stop_loss=0.03,0.05,0.08", "executor=inline"]  # fmt: skip
RUNS = 118 * 140 * 3 + 1


def started(root, tokens):
    """A server's process, and where it listens."""
    words = ["-m", "serve", "--port", "0", "--root", str(root), "--token-file", str(tokens)]
    server = subprocess.Popen(
        [sys.executable, *words], stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    port = re.search(r":(\d+)/login", server.stdout.readline())[1]
    return server, f"http://127.0.0.1:{port}"


def killed(server):
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()


def lines(base, headers, job, after=None, most=None):
    """Events of a job, up to its end or so many: id, kind, data."""
    more = {} if after is None else {"Last-Event-ID": after}
    got = []
    with httpx2.stream("GET", f"{base}/jobs/{job}/events", headers=headers | more,
                       timeout=300) as answer:  # fmt: skip
        number = kind = None
        for line in answer.iter_lines():
            name, _, value = line.partition(": ")
            if name == "id":
                number = value
            elif name == "event":
                kind = value
            elif name == "data":
                got.append((number, kind, json.loads(value)))
                if most is not None and len(got) >= most:
                    break
    return got


@pytest.mark.kill
def test_a_sweep_outlives_the_server_and_its_events_go_on(tmp_path):
    root, tokens = tmp_path / "results", tmp_path / "tokens"
    server, base = started(root, tokens)
    headers = {"Authorization": f"Bearer {json.loads(tokens.read_text())['run']}"}
    asked = httpx2.post(f"{base}/sweeps", json={"overrides": WORDS}, headers=headers, timeout=300)
    job = asked.json()["id"]
    before = lines(base, headers, job, most=3)
    killed(server)
    assert not (root / "jobs" / job / "exit").exists()  # in the middle of it
    server, base = started(root, tokens)
    try:
        after = lines(base, headers, job, after=before[-1][0])
        whole = lines(base, headers, job)
        state = httpx2.get(f"{base}/jobs/{job}", headers=headers, timeout=60).json()
    finally:
        killed(server)
    assert before + after == whole
    assert whole[-1][1:] == ("end", {"state": "done"})
    assert (state["state"], state["done"], state["total"]) == ("done", RUNS, RUNS)
    runs = Results(root).runs("latest", ["run", "config_hash"])
    assert sorted(runs["run"].to_pylist()) == list(range(RUNS))
    assert len(set(runs["config_hash"].to_pylist())) == RUNS


@pytest.mark.kill
def test_server_and_sweep_killed_together_lose_no_row(tmp_path):
    root, tokens = tmp_path / "results", tmp_path / "tokens"
    server, base = started(root, tokens)
    headers = {"Authorization": f"Bearer {json.loads(tokens.read_text())['run']}"}
    job = httpx2.post(
        f"{base}/sweeps", json={"overrides": WORDS}, headers=headers, timeout=300
    ).json()["id"]
    until = time.monotonic() + 300
    while not list(root.glob("v1/*/blocks/*")) and time.monotonic() < until:
        time.sleep(0.02)
    killed(server)
    mine = subprocess.run(["pgrep", "-f", str(root)], capture_output=True, text=True).stdout
    for pid in mine.split():
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(pid), signal.SIGKILL)
    server, base = started(root, tokens)
    try:
        state = httpx2.get(f"{base}/jobs/{job}", headers=headers, timeout=60).json()["state"]
        assert state in ("lost", "failed")
        again = httpx2.post(
            f"{base}/sweeps", json={"overrides": WORDS}, headers=headers, timeout=300
        )
        assert again.json()["id"] == job
        assert lines(base, headers, job)[-1][1:] == ("end", {"state": "done"})
    finally:
        killed(server)
    runs = Results(root).runs("latest", ["run"])
    assert sorted(runs["run"].to_pylist()) == list(range(RUNS))
