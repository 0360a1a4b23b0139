"""GET routes: the numbers are those of the store's own functions."""

import json

import pytest

from store.query.results import Results
from store.query.strategies import strategies
from store.runs.plain import to_json
from tests.serve.served import problem


def plain(value):
    return json.loads(to_json(value))


def test_experiments_newest_first_with_what_a_list_needs(run, swept):
    answer = run.get("/experiments").json()
    (only,) = answer["experiments"]
    assert only["id"] == Results(swept).experiments()[0].id
    assert (only["name"], only["strategies"], only["symbols"]) == ("demo", ["sma"], ["NASDAQ"])
    assert only["counts"]["done"] == 21
    assert (answer["total"], answer["after"]) == (1, None)
    assert run.get("/experiments?tag=none").json()["experiments"] == []


def test_an_experiment_and_a_run_are_what_show_says(run, swept):
    results = Results(swept)
    shown = run.get("/experiments/latest").json()
    assert shown.pop("summary") == plain(results.summary())
    assert shown == plain(results.show("latest"))
    best = str(results.resolve("latest/best"))
    by_name = run.get(f"/runs/{best}").json()
    assert by_name == plain(results.show(best))
    assert run.get(f"/runs/{by_name['config_hash'][:10]}").json() == by_name


def test_a_run_with_its_trades_and_equity(run, swept):
    traced = Results(swept).retrace("latest/best")
    answer = run.get("/runs/latest/best?trace=true").json()
    assert answer["equity"]["values"] == traced.equity.tolist()
    assert [trade["pnl"] for trade in answer["trades"]] == traced.trades["pnl"].tolist()


def test_pages_of_runs_are_the_whole_in_order_and_none_twice(run, swept):
    seen, after = [], None
    while True:
        given = {"limit": 4, **({"after": after} if after else {})}
        page = run.get("/experiments/latest/runs", params=given).json()
        seen += page["runs"]
        assert (page["total"], page["matching"]) == (21, 21)
        if (after := page["after"]) is None:
            break
    table = Results(swept).runs("latest").to_pandas().sort_values(["sharpe", "run"])
    best_first = table.sort_values(["sharpe", "run"], ascending=[False, True])
    assert [row["run"] for row in seen] == best_first["run"].tolist()


@pytest.mark.parametrize(
    ("sort", "order", "column", "ascending"),
    [
        ("max_drawdown", "best", "max_drawdown", True),
        ("max_drawdown", "desc", "max_drawdown", False),
        ("fast", "asc", "params.fast", True),
        ("run", "best", "run", True),
    ],
)
def test_a_page_is_sorted_by_any_number(run, swept, sort, order, column, ascending):
    page = run.get(f"/experiments/latest/runs?sort={sort}&order={order}&limit=5").json()
    table = Results(swept).runs("latest").to_pandas()
    expected = table.sort_values([column, "run"], ascending=[ascending, True])["run"][:5]
    assert [row["run"] for row in page["runs"]] == expected.tolist()


def test_a_page_is_filtered_by_a_condition(run, swept):
    given = {"filter": "fast < 15 and sharpe > 0.2", "limit": 500}
    page = run.get("/experiments/latest/runs", params=given).json()
    table = Results(swept).runs("latest").to_pandas()
    expected = table[(table["params.fast"] < 15) & (table["sharpe"] > 0.2)]
    assert page["matching"] == len(expected) > 0
    assert {row["run"] for row in page["runs"]} == set(expected["run"])
    assert run.get("/experiments/latest/runs?symbol=SP500").json()["runs"] == []


@pytest.mark.parametrize(
    ("query", "status", "message"),
    [
        ("sort=sharp", 404, "sharp: is no number of these runs; did you mean sharpe"),
        ("sort=symbol", 404, "symbol: is no number"),
        ("filter=__import__('os')", 422, "filter"),
        ("filter=fastt<3", 404, "did you mean fast"),
        ("after=xyz", 422, "after: is no key of a page"),
        ("limit=0", 422, "query.limit"),
        ("limit=501", 422, "query.limit"),
        ("order=up", 422, "query.order"),
    ],
)
def test_a_page_that_cannot_be_is_refused_in_a_line(run, query, status, message):
    assert message in problem(run.get(f"/experiments/latest/runs?{query}"), status)


def test_strategies_ledger_and_comparison(run):
    assert run.get("/strategies").json() == plain(strategies())
    assert run.get("/strategies/sma").json()["constraint"] == "fast < slow"
    assert "did you mean sma" in problem(run.get("/strategies/smaa"), 404)
    (row,) = run.get("/ledger").json()
    assert (row["symbol"], row["strategy"], row["total"]) == ("NASDAQ", "sma", 21)
    compared = run.get("/compare?a=latest/0&b=latest/best").json()
    assert compared["uplift"]["sharpe"] > 0


@pytest.mark.parametrize("ref", ["nope", "latest/99999", "..%2F..%2Fetc", "a" * 300])
def test_what_there_is_not_is_a_problem_with_a_way_on(run, ref):
    assert run.get(f"/runs/{ref}").status_code in (400, 404, 422)


def test_sql_looks_and_reaches_no_file(run, tmp_path):
    def ask(query):
        return run.get("/sql", params={"query": query})

    assert ask("select count(*) n from runs").json() == [{"n": 21}]
    for query in (
        "select * from read_csv('/etc/passwd')",
        "select * from '/etc/passwd'",
        "select * from read_text('/etc/passwd')",
        f"copy runs to '{tmp_path / 'x.csv'}'",
        "delete from runs",
        "attach '/etc/passwd'",
        "install httpfs",
        "set enable_external_access = true",
        "pragma database_list",
        "select 1; select 2",
        "",
        "select",
    ):
        assert problem(ask(query), 400).startswith("sql: "), query
    assert list(tmp_path.iterdir()) == []
    assert "more than 10,000 rows" in problem(ask("from range(20000)"), 400)


def test_sql_ends_after_its_time(run, monkeypatch):
    from serve.reading import timed_sql
    from store.query.sql import Bounds

    monkeypatch.setattr(timed_sql, "BOUNDS", Bounds(0.2, 10, "2GB"))
    query = "select count(*) from range(1000000000) a, range(1000000000) b where a.range = -1"
    answer = run.get("/sql", params={"query": query + " or b.range % 7 = 9"})
    assert "takes longer than 0.2 s" in problem(answer, 400)
