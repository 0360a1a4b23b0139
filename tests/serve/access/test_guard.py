"""Who is let in: hosts, origins, tokens, roles, sizes, and what every answer carries."""

import re

import pytest

from tests.serve.served import COOKIE, HOST, TOKENS, application, client, problem


def every_route(app):
    """Method and path of every route, names filled in."""
    for route in app.routes:
        stack = [route]
        while stack:
            one = stack.pop()
            stack += getattr(getattr(one, "original_router", None), "routes", [])
            path = getattr(one, "path", "")
            for method in getattr(one, "methods", None) or ():
                yield method, re.sub(r"\{\w+(:path)?\}", "x", path)


ROUTES = sorted(set(every_route(application(None))))


def documented():
    """Method and path of every operation of the OpenAPI document, names filled in."""
    document = application(None).openapi()
    return {
        (method.upper(), re.sub(r"\{\w+\}", "x", path))
        for path, operations in document["paths"].items()
        for method in operations
    }


def test_the_routes_hold_every_documented_operation_and_the_pages():
    assert documented() - set(ROUTES) == set()
    assert len(documented()) > 20
    pages = {path for _, path in ROUTES if path.startswith("/view/")}
    assert len(pages) >= 13
    assert {"/openapi.json", "/login", "/", "/static/x"} <= {path for _, path in ROUTES}
    assert not any("{" in path for _, path in ROUTES)


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_without_a_token(app, method, path):
    if path != "/login":
        assert client(app, None).request(method, path).status_code == 401


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_no_route_answers_another_host_or_a_page_of_another_site(run, method, path):
    for headers in (
        {"Host": "evil.example:8000"},
        {"Host": "localhost:8001"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert run.request(method, path, headers=headers).status_code == 403


def test_pages_of_the_server_itself_may_ask(run):
    headers = {"Origin": f"http://{HOST}", "Sec-Fetch-Site": "same-origin"}
    assert run.get("/experiments", headers=headers).status_code == 200


@pytest.mark.parametrize(("method", "path"), [r for r in ROUTES if r[0] not in ("GET", "HEAD")])
def test_the_role_read_looks_and_does_nothing(app, method, path):
    if path != "/login":
        assert "looks only" in problem(client(app, "read").request(method, path), 403)
    assert client(app, "read").get("/experiments").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "Basic " + TOKENS["run"], TOKENS["run"][:-1]])
def test_another_token_is_none(app, token):
    answer = client(app, None).get("/experiments", headers={"Authorization": f"Bearer {token}"})
    assert "needs `Authorization" in problem(answer, 401)


def test_the_link_works_once_and_makes_a_session_that_scripts_cannot_read(app):
    browser = client(app, None)
    answer = browser.get("/login?link=one-time")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert browser.get("/experiments").status_code == 200
    again = client(app, None).get("/login?link=one-time")
    assert again.status_code == 401
    assert "has been used" in again.text


def test_a_session_that_was_changed_or_has_run_out_is_none(app, monkeypatch):
    session = app.state.tokens.session("read")
    for value in (session.replace("read", "approve"), session[:-1], "", "a.b.c", "..."):
        answer = client(app, None).get("/experiments", headers={"Cookie": f"{COOKIE}={value}"})
        assert answer.status_code == 401
    monkeypatch.setattr("serve.access.tokens.time.time", lambda: 9e9)
    answer = client(app, None).get("/experiments", headers={"Cookie": f"{COOKIE}={session}"})
    assert answer.status_code == 401


def test_a_typed_token_makes_a_session_of_its_role(app):
    browser = client(app, None)
    assert browser.post("/login", content="token=wrong").status_code == 401
    assert browser.post("/login", content=f"token={TOKENS['read']}").status_code == 303
    assert browser.get("/experiments").status_code == 200
    assert browser.post("/backtest", json={"strategy": "sma"}).status_code == 403


def test_a_body_has_a_limit_with_or_without_a_length(run):
    assert "1,000,000 bytes" in problem(run.post("/backtest", content=b"x" * 1_000_001), 413)
    pieces = (b"x" * 100_000 for _ in range(11))
    assert "1,000,000 bytes" in problem(run.post("/backtest", content=pieces), 413)


@pytest.mark.parametrize("path", ["/experiments", "/nope", "/login", "/"])
def test_every_answer_forbids_foreign_scripts_frames_and_guessing(run, path):
    headers = run.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"  # with none, forms have no Origin
    assert headers["cache-control"] == "no-store"
