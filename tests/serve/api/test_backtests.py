"""POST /backtest and /batch-backtest: the bits of `run_backtest`, and refusals in its words."""

import json

import pytest

from store.runs.plain import to_json
from sweeper.backtest import Backtest, run_backtest
from tests.serve.served import application, client, problem

DAYS = {"end": "2003-12-31"}


def plain(value):
    return json.loads(to_json(value))


def test_metrics_are_those_of_python(run):
    asked = {"strategy": "sma", "params": {"fast": 5}, "stop_loss": 0.05, **DAYS}
    answer = run.post("/backtest", json=asked).json()
    assert answer == {"metrics": plain(run_backtest(Backtest(**asked)).metrics)}


def test_with_a_trace_come_equity_and_trades(run):
    asked = {"strategy": "sma", **DAYS}
    answer = run.post("/backtest?trace=true", json=asked).json()
    result = run_backtest(Backtest(**asked))
    assert answer["equity"]["values"] == result.equity.tolist()
    assert [trade["exit_reason"] for trade in answer["trades"]] == [*result.trades["exit_reason"]]
    assert answer["trades"][0]["entry_time"] == result.trades["entry_time"][0].isoformat()


def test_a_batch_gives_each_in_the_order_asked(run):
    configs = [{"strategy": name, "params": {}, **DAYS} for name in ("sma", "rsi", "sma")]
    configs[2]["params"] = {"slow": 90}
    answer = run.post("/batch-backtest", json={"configs": configs}).json()
    expected = [run_backtest(Backtest(**config)).metrics for config in configs]
    assert answer["metrics"] == plain(expected)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"strategy": "smaa"}, "strategy 'smaa': no such name; did you mean"),
        ({"strategy": "os.path"}, "only names"),
        ({"strategy": "sma", "params": {"fasst": 5}}, "did you mean fast"),
        ({"strategy": "sma", "params": {"fast": 0}}, "params.fast must be at least 1"),
        ({"strategy": "sma", "params": {"fast": "x"}}, "body.params.fast"),
        ({"strategy": "sma", "symbol": "GOOG"}, "source"),
        ({"strategy": "sma", "fill": "never"}, "fill"),
        ({"strategy": "sma", "timeframe": "1h"}, "timeframe"),
        ({"strategy": "sma", "stop_loss": -1}, "stop_loss"),
        ({"strategy": "sma", "initial_capital": 0}, "initial_capital"),
        ({"strategy": "sma", "nosuch": 1}, "body.nosuch"),
        ({}, "body.strategy: field required"),
        ([], "body"),
    ],
)
def test_bad_input_is_one_line(run, asked, message):
    assert message in problem(run.post("/backtest", json=asked), 422)


def test_of_a_batch_the_first_that_is_refused_is_named(run):
    configs = [{"strategy": "sma", **DAYS}, {"strategy": "sma", "params": {"fast": -1}, **DAYS}]
    answer = run.post("/batch-backtest", json={"configs": configs})
    assert "configs[1]: strategy sma: params.fast" in problem(answer, 422)
    assert "body.configs" in problem(run.post("/batch-backtest", json={"configs": []}), 422)


def test_more_than_ten_thousand_are_a_job_with_the_same_numbers(tmp_path):
    program = client(application(tmp_path))
    many = {"configs": [{"strategy": "sma", "end": "2000-12-31"}] * 10_001}
    answer = program.post("/batch-backtest", json=many)
    job = answer.json()["id"]
    assert (answer.status_code, answer.headers["location"]) == (202, f"/jobs/{job}")
    program.get(f"/jobs/{job}/events")  # ends with it
    assert program.get(f"/jobs/{job}").json()["state"] == "done"
    metrics = program.get(answer.json()["metrics"]).json()["metrics"]
    assert len(metrics) == 10_001
    one = run_backtest(Backtest(strategy="sma", end="2000-12-31")).metrics
    assert metrics[0] == metrics[-1] == plain(one)
    assert program.post("/batch-backtest", json=many).json()["id"] == job


def test_the_examples_of_the_openapi_document_work(app):
    document = client(app, "read").get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    schemas = document["components"]["schemas"]
    for path, name in (("/backtest", "Asked"), ("/batch-backtest", "Batch")):
        for example in schemas[name]["examples"]:
            assert client(app).post(path, json=example).status_code == 200
