"""Helpers of these tests: a server's application over a store, and clients of each role."""

from starlette.testclient import TestClient

from serve.access.tokens import Tokens
from serve.api.answers import Place
from serve.app import create_app

HOST = "localhost:8000"
COOKIE = "sweeper_8000"
TOKENS = {"read": "r" * 20, "run": "u" * 20, "approve": "a" * 20}


def application(root, profiles=None):
    tokens = Tokens(dict(TOKENS), link="one-time")
    return create_app(Place(root, profiles), tokens, frozenset([HOST]), COOKIE)


def client(app, role="run", **headers):
    """A program with the token of a role, or with none."""
    given = {"Authorization": f"Bearer {TOKENS[role]}"} if role else {}
    return TestClient(app, f"http://{HOST}", headers=given | headers, follow_redirects=False)


def problem(answer, status):
    """The sentence of a refusal, once its form is that of RFC 9457."""
    body = answer.json()
    assert (answer.status_code, body["status"]) == (status, status), body
    assert answer.headers["content-type"] == "application/problem+json"
    assert set(body) >= {"type", "title", "status", "detail"}
    assert "\n" not in body["detail"]
    return body["detail"]
