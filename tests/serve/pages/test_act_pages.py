"""Pages on acts: a planned sweep, a profile approved with its typed name and the right token."""

import html
import json

import pytest

from promote.profiles.files import find
from promote.promotion.approval import approval_of
from store.query.strategies import strategies
from tests.promote.promoted import desk_in, promoted, swept
from tests.serve.served import TOKENS, application, client, problem


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    root = tmp_path_factory.mktemp("template") / "results"
    swept(root)
    return root


@pytest.fixture
def desk(tmp_path, template, monkeypatch):
    monkeypatch.setattr("promote.audit.git_tree.changed_files", tuple)
    made = desk_in(tmp_path, template)
    promoted(made)
    return made


def approved(desk):
    return approval_of(desk, find(desk.profiles, "scalp"))


def test_the_verdict_stands_check_by_check_above_the_button(desk):
    page = client(application(desk.root, desk.profiles), "read").get("/view/promotion").text
    assert page.index("look ahead") < page.index("<button>Approve</button>")
    assert "configurations it was chosen among" in page
    assert "Type scalp/v1" in page


def test_a_page_approves_only_with_the_typed_name_and_the_token_of_approve(desk):
    browser = client(application(desk.root, desk.profiles), "run")
    form = {"typed": "scalp/v1", "by": "ann@example.org", "comment": "looked", "token": ""}

    def send(**changes):
        body = "&".join(f"{name}={value}" for name, value in (form | changes).items())
        return browser.post("/view/promotion/scalp", content=body)

    for token in ("", "wrong", TOKENS["run"]):
        assert send(token=token).status_code == 403
    assert send(token=TOKENS["approve"], typed="scalp").status_code == 422
    assert send(token=TOKENS["approve"], by="").status_code == 422
    assert approved(desk) is None
    assert send(token=TOKENS["approve"]).status_code == 303
    assert approved(desk)["by"] == "ann@example.org"
    assert "Approved by ann@example.org" in browser.get("/view/promotion").text
    assert send(token=TOKENS["approve"]).status_code == 422  # it was approved before


def test_a_program_approves_under_the_same_rules(desk):
    app = application(desk.root, desk.profiles)
    asked = {"name": "scalp/v1", "by": "ann@example.org"}
    answer = client(app, "run").post("/profiles/scalp/approve", json=asked)
    assert "needs the token of approve" in problem(answer, 403)
    approver = client(app, "approve")
    wrong = approver.post("/profiles/scalp/approve", json=asked | {"name": "scalp/v2"})
    assert "type scalp/v1" in problem(wrong, 422)
    assert approved(desk) is None
    assert approver.post("/profiles/scalp/approve", json=asked).json()["approved"] is True
    assert "approved before" in problem(approver.post("/profiles/scalp/approve", json=asked), 409)
    assert client(app, "read").get("/profiles").json()[0]["approval"]["by"] == "ann@example.org"
    assert client(app, "read").get("/profiles/scalp").json()["versions"] == [1]
    assert "no such profile" in problem(approver.get("/profiles/scalps"), 404)


def test_a_plan_is_shown_before_the_button_and_a_refusal_in_its_place(app, monkeypatch):
    monkeypatch.setattr("serve.pages.acts.preflight", lambda root, words: f"plan of {words}")
    browser = client(app)
    page = browser.get("/view/sweep", params={"words": "strategy=sma\r\n\r\nparams.fast=5,6"}).text
    assert "plan of [&#39;strategy=sma&#39;, &#39;params.fast=5,6&#39;]" in page
    assert "Start this sweep" in page
    page = browser.get("/view/sweep", params={"words": "store.root=/tmp"}).text
    assert "may be set over HTTP" in page
    assert "Start this sweep" not in page


def test_every_strategy_has_a_form_of_its_parameters_and_bounds(app):
    browser = client(app)
    page = browser.get("/view/strategies").text
    for each in strategies():
        assert f'href="/view/sweep?strategy={each["name"]}"' in page
        form = browser.get("/view/sweep", params={"strategy": each["name"]}).text
        for name, param in each["params"].items():
            values = each["space"].get(name, param["default"])
            shown = f"{values:g}" if isinstance(values, int | float) else str(values)
            assert f'name="params.{name}" value="{shown}"' in html.unescape(form)
        assert "Start this sweep" not in form
    assert "is no strategy" in browser.get("/view/sweep?strategy=smaa").json()["detail"]


def test_a_filled_form_is_an_address_and_becomes_overrides(app, monkeypatch):
    asked = []
    monkeypatch.setattr("serve.pages.acts.preflight", lambda root, words: asked.append(words))
    given = {"strategy": "sma", "params.fast": "range(5,9)", "params.slow": " 20,30 ",
             "data": "stored", "symbols": "BTC,ETH", "direction": "both", "split": "train_test",
             "search": "random", "n": "50", "name": 'my "own"', "words": "risk.stop_loss=0.1",
             "plan": "1"}  # fmt: skip
    page = client(app).get("/view/sweep", params=given).text
    assert asked == [
        ["strategy=sma", "params.fast=range(5,9)", "params.slow=20,30", "data=stored",
         "split=train_test", "search=random", "data.symbols=[BTC,ETH]", "search.n=50",
         "strategy.direction=both", 'name="my \\"own\\""', "risk.stop_loss=0.1"]
    ]  # fmt: skip
    for value in ("range(5,9)", "BTC,ETH", "risk.stop_loss=0.1", 'my "own"'):
        assert value in html.unescape(page)
    assert "<option selected>train_test" in page


def test_a_browser_that_asks_for_the_strategies_gets_their_page(app):
    answer = client(app, Accept="text/html").get("/strategies")
    assert (answer.status_code, answer.headers["location"]) == (303, "/view/strategies")
    assert len(client(app).get("/strategies").json()) == len(strategies())


@pytest.mark.parametrize(
    ("log", "exit_code", "words"),
    [
        ("", None, "Sweep lost"),
        ("data.path: no such file", "2", "data.path: no such file"),
        ("300/1,000 runs (30 %), 0:14 left", "143", "Sweep cancelled"),
    ],
)
def test_a_sweep_is_shown_however_far_it_came(tmp_path, log, exit_code, words):
    folder = tmp_path / "jobs" / "job-0123456789abcdef"
    folder.mkdir(parents=True)
    (folder / "job.json").write_text('{"words": ["strategy=sma"], "created": "2026-01-02"}')
    (folder / "log").write_text(log)
    if exit_code:
        (folder / "exit").write_text(exit_code)
    answer = client(application(tmp_path), "read").get(f"/view/jobs/{folder.name}")
    assert answer.status_code == 200
    assert words in answer.text


@pytest.mark.parametrize(
    ("code", "says", "again"),
    [
        (None, "Sweep lost", True),
        ("130", "Sweep cancelled", True),
        ("2", "Sweep refused", False),
        ("1", "Sweep failed", True),
    ],
)
def test_a_sweep_that_ended_badly_says_so_and_how_it_goes_on(tmp_path, code, says, again):
    folder = tmp_path / "jobs" / "job-0123456789abcdef"
    folder.mkdir(parents=True)
    asked = {"words": ["strategy=sma", f"store.root={tmp_path}"], "created": "2026-01-01"}
    (folder / "job.json").write_text(json.dumps(asked))
    (folder / "log").write_text("params.fast: is no number\n")
    if code is not None:
        (folder / "exit").write_text(code)
    page = client(application(tmp_path), "run").get(f"/view/jobs/{folder.name}").text
    assert f"<h1>{says}</h1>" in page
    assert "0 of 0" not in page
    assert ("Start it again" in page) == again
    assert '<a class="aside" href="/view/sweep?words=strategy%3Dsma">' in page
    assert ("what watches it" in page) == (code is None)
    assert str(tmp_path) not in page
