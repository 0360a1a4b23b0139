"""`python -m serve` as a process: its link, its refusals in one line, a token file that lasts."""

import json
import os
import re
import signal
import subprocess
import sys

import httpx2
import pytest
from typer.testing import CliRunner

from serve.start import app


@pytest.fixture
def server(swept, tmp_path):
    """A server in its own process: what it printed first."""
    command = [sys.executable, "-m", "serve", "--port", "0", "--root", str(swept)]
    command += ["--token-file", str(tmp_path / "tokens")]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        yield process.stdout.readline()
        process.send_signal(signal.SIGKILL)


def test_the_printed_link_opens_the_pages_and_a_token_the_api(server, tmp_path):
    link = re.search(r"http://127\.0\.0\.1:\d+/login\?link=\S+", server)[0]
    base = link.partition("/login")[0]
    token = json.loads((tmp_path / "tokens").read_text())["read"]
    with httpx2.Client(base_url=base, follow_redirects=True) as browser:
        assert browser.get("/experiments").status_code == 401
        assert "<h1>Experiments</h1>" in browser.get(link, headers={"Accept": "text/html"}).text
        assert browser.get("/experiments").json()["total"] == 1
        assert browser.get("/", headers={"Host": "evil.example"}).status_code == 403
    answer = httpx2.get(f"{base}/ledger", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--host", "0.0.0.0"], "other machines may ask then"),
        (["--token-file", "/nonexistent/x"], "--token-file /nonexistent/x: cannot be made"),
        (["--host", "256.1.1.1"], "256.1.1.1"),
        (["--host", "localhost", "--port", "1", "--token-file", "/dev/null"], "--token-file"),
    ],
)
def test_bad_options_are_one_line_and_exit_2(words, message):
    ended = CliRunner().invoke(app, words)
    assert ended.exit_code == 2
    assert message in ended.output
    assert "Traceback" not in ended.output
