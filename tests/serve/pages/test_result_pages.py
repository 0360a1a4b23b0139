"""Pages on results: they say what the store says, keep their state in the URL, escape all text."""

import html
import json
import re
import shutil
from urllib.parse import quote

import numpy as np
import pytest
from starlette.testclient import TestClient

from serve.pages import acts, login, static
from serve.pages import operations as operation_pages
from serve.pages import results as result_pages
from serve.pages import run as run_page
from serve.reading.kept import Kept
from store.query.edit_annotations import note
from store.query.results import Results
from store.registry import open_registry
from sweeper.sweep import sweep
from tests.serve.served import application, client

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><b>",
    "<a href=//x>{{7*7}}</a>",
]
PAGES = ["/", "/view/experiments/latest", "/view/runs/latest/best", "/view/compare", "/view/luck",
         "/view/compare?a=latest/0&b=latest/best", "/view/sweep", "/view/promotion"]  # fmt: skip


@pytest.fixture
def browser(app):
    return client(app, "read", Accept="text/html")


def figures(page):
    match = re.search(r'<script type="application/json" id="figures">(.*?)</script>', page)
    return json.loads(match[1])


@pytest.mark.parametrize("path", PAGES)
def test_a_page_stands_without_script_and_asks_no_other_host(browser, path):
    answer = browser.get(path)
    assert answer.status_code == 200
    assert (
        re.findall(r"<(?:script|link|img)[^>]+(?:src|href)=\"(?!/static/|data:,)", answer.text)
        == []
    )
    assert not re.search(r"\son\w+=|javascript:|<script>", answer.text)
    assert "<h1>" in answer.text
    assert 'lang="en"' in answer.text


def test_luck_has_null_sweeps(browser, swept):
    rate = {"promoted": 3, "replicas": 200, "rate": 0.015, "low": 0.003, "high": 0.043}
    facts = {"gate": "standard", "changed": {"min_sharpe": 0.5}, "selected_by": "plateau",
             "null": rate, "edge": {**rate, "sharpe": 1.0, "promoted": 150}}  # fmt: skip
    (experiment,) = Results(swept).experiments()
    open_registry(swept).record_null_sweep(experiment.id, facts)
    open_registry(swept).record_null_sweep(experiment.id, {**facts, "edge": None, "changed": {}})
    text = browser.get("/view/luck").text
    assert "Null sweeps, 2 in all" in text
    assert "standard, min_sharpe 0.5</td>" in text
    assert "3 of 200 (0.3 to 4.3 %)" in text
    assert "150 of 200" in text
    assert "null sweep" not in browser.get("/view/operations").text


def test_the_list_has_the_best_next_to_luck(browser, swept):
    page = browser.get("/").text
    luck = Results(swept).experiments()[0].luck
    row = html.unescape(page.partition("<tbody>")[2])
    assert f'{luck["best"]:.2f}</td><td data-label="without skill">{luck["mean"]:.2f}</td>' in row


def test_the_list_is_searched(browser):
    assert "demo" in browser.get("/?symbol=NASDAQ&strategy=sma").text
    assert "There is no such experiment" in browser.get("/?tag=none").text
    assert browser.get("/?status=odd").status_code == 404


def test_the_map_holds_every_configuration_and_marks_best_and_plateau(browser, swept):
    page = browser.get("/view/experiments/latest").text
    cells, *marks = figures(page)["heat"]["data"]
    table = Results(swept).runs("latest").to_pandas()
    for x, fast in enumerate(cells["x"]):
        for y, slow in enumerate(cells["y"]):
            own = table[(table["params.fast"] == fast) & (table["params.slow"] == slow)]
            if len(own):
                assert cells["z"][y][x] == pytest.approx(own["sharpe"].item(), rel=1e-3)
    assert {mark["name"] for mark in marks} == {"best run", "middle of the best plateau"}
    assert "On bars without skill the best of these 21" in page


def test_a_clicked_cell_shows_its_run(browser, swept):
    page = browser.get("/view/experiments/latest?cell=0,1").text
    cells = figures(page)["heat"]["data"][0]
    table = Results(swept).runs("latest").to_pandas()
    own = table[table["params.fast"].eq(cells["x"][0]) & table["params.slow"].eq(cells["y"][1])]
    assert f'/{own["run"].item()}">Run {own["run"].item()}</a>' in page
    assert set(figures(page)) == {"heat", "equity"}
    for cell in ("99,99", "x", "1", "-1,-99"):
        assert browser.get(f"/view/experiments/latest?cell={cell}").status_code == 200


def test_a_click_on_a_bin_shows_the_best_run_in_it(browser, swept, monkeypatch):
    monkeypatch.setattr("store.report.heat_map.MOST_VALUES", 2)
    monkeypatch.setattr("store.report.heat_map.BINS", 2)
    for kept in ("_maps", "_plans"):
        monkeypatch.setattr(f"serve.reading.heat.{kept}", Kept(4))
    table = Results(swept).runs("latest").to_pandas()
    table = table[~table["baseline"]]  # fast 20 lies outside the grid
    shown = set()
    for x, y in ((0, 0), (0, 1), (1, 0), (1, 1)):
        page = browser.get(f"/view/experiments/latest?cell={x},{y}").text
        axes = figures(page)["heat"]["data"][0]
        assert (len(axes["x"]), len(axes["y"])) == (2, 2)
        low, high = (table["params.fast"] <= 15), (table["params.slow"] <= 85)
        own = table[(low if x == 0 else ~low) & (high if y == 0 else ~high)]
        best = own.loc[own["sharpe"].idxmax(), "run"]
        assert f'/{best}">Run {best}</a>' in page
        shown.add(best)
    assert len(shown) == 4


def test_a_click_shows_a_run_of_the_group_that_the_map_is_of(tmp_path):
    words = ["strategy=sma", "strategy.direction=long,short", "params.fast=5,10",
             "params.slow=50,60"]  # fmt: skip
    root = tmp_path / "results"
    sweep(*words, f"store.root={root}", "executor=inline", "data.end=2003-12-31")
    browser = client(application(root), "read", Accept="text/html")
    runs = Results(root).runs("latest").to_pandas()
    for family in (0, 1):
        page = browser.get(f"/view/experiments/latest?family={family}&cell=1,1").text
        side = re.search(r"<figcaption>sma · NASDAQ · (\w+)<", page)[1]
        number = int(re.search(r">Run (\d+)</a>", page)[1])
        chosen = runs[runs["run"] == number].iloc[0]
        assert (chosen["params.fast"], chosen["params.slow"]) == (10, 60)
        assert chosen["direction"] == side


def test_among_very_many_the_plateau_is_sought_when_asked_and_remembered(browser, monkeypatch):
    monkeypatch.setattr("serve.reading.heat.MOST_SOUGHT", 5)
    monkeypatch.setattr("serve.reading.heat._peaks", {})
    path = "/view/experiments/latest"
    assert "not sought yet among so many" in browser.get(path).text
    assert "not sought yet" not in browser.get(f"{path}?plateau=true").text
    assert "not sought yet" not in browser.get(path).text


def test_what_matters_adds_the_variance_that_each_parameter_explains(browser, swept):
    page = browser.get("/view/experiments/latest").text
    part = page.partition('id="matters"')[2].partition("</table>")[0]
    table = Results(swept).runs("latest").to_pandas()
    table = table[table["params.slow"].isin([50, 60, 80, 100, 120])]
    table = table[table["params.fast"].isin([5, 10, 15, 25])]
    total = ((table["sharpe"] - table["sharpe"].mean()) ** 2).sum()
    for name in ("fast", "slow"):
        level = table.groupby(f"params.{name}")["sharpe"]
        within = ((table["sharpe"] - level.transform("mean")) ** 2).sum() / (
            len(table) - len(level)
        )
        share = max(0, 1 - within * (len(table) - 1) / total)
        row = part.partition(f">{name}</th>")[2].partition("</tr>")[0]
        assert f"{100 * share:.0f} %" in row
    assert 'id="tested"' not in page  # it has no test window


def test_train_stands_against_test(tmp_path):
    words = ["strategy=sma", "params.fast=5,10,15", "params.slow=50,60", "split=train_test"]
    root = tmp_path / "results"
    sweep(*words, f"store.root={root}", "executor=inline", "data.end=2005-12-31")
    page = (
        client(application(root), "read", Accept="text/html").get("/view/experiments/latest").text
    )
    assert "Rank correlation" in page.partition('id="tested"')[2]
    dots = next(each for each in figures(page)["gap"]["data"] if each["name"] == "runs")
    runs = Results(root).runs("latest").to_pandas().set_index(["params.fast", "params.slow"])
    train, test = (runs[runs["window"] == name]["sharpe"] for name in ("train", "test"))
    for text, x, y in zip(dots["text"], dots["x"], dots["y"], strict=True):
        fast, slow = (float(text.split(f"{name} ")[1].split()[0]) for name in ("fast", "slow"))
        assert x == pytest.approx(train[fast, slow], rel=1e-3)
        assert y == pytest.approx(test[fast, slow], rel=1e-3)


def test_another_metric_and_other_axes(browser, swept):
    page = browser.get("/view/experiments/latest?metric=max_drawdown&x=slow&y=fast").text
    cells = figures(page)["heat"]["data"][0]
    table = Results(swept).runs("latest").to_pandas()
    one_cell = table[
        table["params.slow"].eq(cells["x"][0]) & table["params.fast"].eq(cells["y"][0])
    ]
    assert cells["z"][0][0] == pytest.approx(one_cell["max_drawdown"].item(), rel=1e-3)
    assert browser.get("/view/experiments/latest?metric=nope").status_code == 404
    assert browser.get("/view/experiments/latest?x=nope").status_code == 404


def test_the_table_keeps_its_state_in_links(browser):
    page = browser.get("/view/experiments/latest?sort=fast&order=asc&filter=sharpe>0&cell=0,1").text
    sharpe = re.search(r'href="([^"]*sort=sharpe[^"]*)"', page)[1]
    assert "filter=sharpe%3E0" in sharpe
    assert "cell=0%2C1" in sharpe
    assert browser.get("/view/experiments/latest?filter=sharpe >").status_code == 422


def test_a_run_with_its_trades_on_the_price(browser, swept):
    page = browser.get("/view/runs/latest/best").text
    drawn = figures(page)
    trades = Results(swept).retrace("latest/best").trades
    line, *marks = drawn["price"]["data"]
    entries = next(mark for mark in marks if mark["name"] == "buy")
    assert len(entries["x"]) == len(trades)
    assert entries["y"][0] == pytest.approx(trades["entry_price"][0], rel=1e-5)
    assert len(line["x"]) > 1000
    assert set(drawn) == {"price", "equity", "months", "rolling"}
    months = np.array(drawn["months"]["data"][0]["z"], float)[:, :12]
    grown = Results(swept).retrace("latest/best").equity.resample("ME").last()
    assert months[-1][1] == pytest.approx(grown["2002-02"].iloc[0] / grown["2002-01"].iloc[0] - 1,
                                          abs=1e-3)  # fmt: skip
    assert "3 times" in page


def test_compared_are_only_the_differences(browser):
    page = browser.get("/view/compare?a=latest/0&b=latest/best").text
    part = page.partition('id="differs"')[2].partition("</table>")[0]
    assert '<th scope="row" class="text">fast</th>' in part
    assert "commission" not in part


def test_compared_runs_have_curves_and_a_paired_difference_with_its_interval(browser, swept):
    asked = {"a": "latest/0", "b": "latest/best", "also": ["latest/3"]}
    page = browser.get("/view/compare", params=asked).text
    lines = figures(page)["curves"]["data"]
    equity = Results(swept).retrace("latest/best").equity
    assert [line["name"][:2] for line in lines] == ["A:", "B:", "C:"]
    assert lines[1]["y"][-1] == pytest.approx(equity.iloc[-1] / equity.iloc[0], rel=1e-4)
    sharpe = [Results(swept).show(ref)["metrics"]["sharpe"] for ref in ("latest/0", "latest/best")]
    said = re.search(r"Sharpe ratio ([+-][\d.]+), 95 % of resamples from ([+-][\d.]+) to", page)
    assert float(said[1]) == pytest.approx(sharpe[1] - sharpe[0], abs=0.02)
    same = browser.get("/view/compare?a=latest/0&b=latest/0").text
    assert "no difference is tested" in same
    many = [("also", "latest/1")] * 5
    assert (
        browser.get(
            "/view/compare", params=[("a", "latest/0"), ("b", "latest/1"), *many]
        ).status_code
        == 422
    )


def test_a_fault_of_ours_is_a_problem_too_and_tells_nothing(swept, monkeypatch):
    monkeypatch.setattr("serve.api.results.book.rows", lambda *a, **k: 1 / 0)
    program = client(application(swept), "read")
    program = TestClient(program.app, program.base_url, raise_server_exceptions=False,
                         headers=program.headers)  # fmt: skip
    answer = program.get("/ledger")
    assert (answer.status_code, answer.json()["title"]) == (500, "Fault of the server")
    assert "division" not in answer.text


FORM = ("params.fast", "data", "symbols", "direction", "split", "search", "n", "name",
        "hypothesis", "plan")  # fmt: skip
"""Fields of a strategy's form, which are read by their names."""


def pages_of():
    """Method, path and names of the query of every page, as the application has them."""
    for part in (login, static, result_pages, run_page, acts, operation_pages):
        for route in part.router.routes:
            names = [each.alias for each in route.dependant.query_params]
            yield next(iter(route.methods)), route.path, names


def test_all_pages_are_tried_with_hostile_text():
    asked = [(path, name) for method, path, names in pages_of() for name in names]
    assert len(asked) >= 25
    assert ("/view/experiments/{ref}", "window") in asked
    assert {path for _, path, _ in pages_of()} >= {"/", "/login", "/view/report/{ref:path}"}


@pytest.mark.parametrize("text", HOSTILE)
def test_what_users_write_never_becomes_markup(tmp_path, swept, text, monkeypatch):
    """Stored in notes, jobs, logs and alerts; given in every query, path and field of a form."""
    monkeypatch.setattr("serve.pages.acts.preflight", lambda root, words: "\n".join(words))
    root = shutil.copytree(swept, tmp_path / "results")
    ref = Results(root).resolve("latest").experiment.id
    note(Results(root), ref, description=text, hypothesis=text)
    job = root / "jobs" / "job-0123456789abcdef"
    job.mkdir(parents=True)
    (job / "job.json").write_text(json.dumps({"words": [text], "created": text}))
    (job / "log").write_text(f"{text}\n")
    browser = client(application(root, tmp_path / "profiles"), "run", Accept="text/html")
    for path in ("/", "/view/experiments/latest", "/view/luck", "/view/jobs/job-0123456789abcdef"):
        page = browser.get(path).text
        assert text not in page, path
    for method, path, names in pages_of():
        whole = re.sub(r"\{\w+(:path)?\}", "latest", path)
        if method == "GET":
            hostile = re.sub(r"\{\w+(:path)?\}", quote(text, safe=""), path)
            assert text not in browser.get(hostile).text, path
            more = {"strategy": "sma"} if path == "/view/sweep" else {}
            for name in [*names, *(FORM if more else [])]:
                answer = browser.get(whole, params={**more, name: text})
                assert text not in answer.text, (path, name)
                assert answer.status_code < 500, (path, name)
    for field in ("typed", "by", "comment", "token", "act", "reason", "words"):
        for path in ("/view/promotion/x", "/view/rollouts/x", "/view/sweep", "/login"):
            answer = browser.post(path, data={field: text})
            assert text not in answer.text, (path, field)
            assert answer.status_code < 500


def test_a_browser_is_answered_with_a_page_and_a_program_with_a_document(browser, run):
    answer = browser.get("/view/experiments/nope")
    assert (answer.status_code, "is no experiment" in answer.text) == (404, True)
    assert run.get("/view/experiments/nope").json()["status"] == 404


def test_files_of_the_pages(browser):
    style = browser.get("/static/page.css").text
    assert "prefers-color-scheme: dark" in style
    assert len(browser.get("/static/plotly.js").content) > 1_000_000
    tag = browser.get("/static/page.css").headers["etag"]
    unchanged = browser.get("/static/page.css", headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert browser.get("/static/..%2f..%2fetc").status_code == 404
