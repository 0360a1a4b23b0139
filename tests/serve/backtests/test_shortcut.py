"""The way past the framework answers as the documented route does, which refuses for both."""

import json

import pytest

from tests.serve.served import client, problem

DAYS = {"end": "2003-12-31"}
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize("asked", [{"strategy": "sma", **DAYS}, {"strategy": "rsi", **DAYS}])
def test_both_ways_have_the_same_metrics(run, asked):
    short, documented = (
        run.post("/backtest", json=asked),
        run.post("/backtest?trace=false", json=asked),
    )
    assert short.json() == documented.json()
    assert short.headers["content-type"] == documented.headers["content-type"]


BAD = (
    *(b"", b"{", b"[1]", b'{"params": {}}', b"\xff\xfe", b'{"strategy": "no_such"}'),
    *(b'{"strategy": "../sma"}', b'{"strategy": "sma", "params": {"fast": NaN}}'),
    b'{"strategy": "sma", "x": 1}',
)


@pytest.mark.parametrize("body", BAD)
def test_both_ways_refuse_in_the_same_words(run, body):
    short = run.post("/backtest", content=body, headers=JSON)
    documented = run.post("/backtest?trace=false", content=body, headers=JSON)
    assert (short.status_code, short.json()) == (documented.status_code, documented.json())
    problem(short, 422)


def test_a_body_in_pieces_is_read_to_its_end(run):
    body = json.dumps({"strategy": "sma", **DAYS}).encode()
    pieces = (body[k : k + 7] for k in range(0, len(body), 7))
    answer = run.post("/backtest", content=pieces, headers=JSON)
    assert answer.json() == run.post("/backtest", content=body, headers=JSON).json()


def test_a_body_without_an_end_is_refused(run):
    answer = run.post("/backtest", content=(b" " * 100_000 for _ in range(20)), headers=JSON)
    assert "1,000,000 bytes" in problem(answer, 413)


def test_the_guard_stands_before_it(app):
    assert client(app, role=None).post("/backtest", json={"strategy": "sma"}).status_code == 401
    assert client(app, role="read").post("/backtest", json={"strategy": "sma"}).status_code == 403
