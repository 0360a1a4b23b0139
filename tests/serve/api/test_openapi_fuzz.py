"""Requests drawn from the OpenAPI document: no fault of the server, no undocumented answer."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from serve.problems import Problem
from tests.serve.served import HOST, TOKENS, application

EXAMPLES = int(os.environ.get("SWEEPER_REQUESTS", "2000")) // 34
"""Of each operation; SWEEPER_REQUESTS=20000 draws ten times as many."""
HEADERS = {"Host": HOST, "Authorization": f"Bearer {TOKENS['approve']}"}


def busy(*_):
    raise Problem(429, "sweeps: one at a time", {"Retry-After": "5"})


@pytest.fixture
def api(swept, tmp_path, monkeypatch):
    """The document; sweeps are planned by nobody here, each would be a process."""
    monkeypatch.setattr("serve.api.jobs.preflight", lambda root, words: "a plan")
    monkeypatch.setattr("serve.api.jobs.start", busy)
    monkeypatch.setattr("serve.api.backtests.start_batch", busy)
    app = application(swept, tmp_path / "profiles")
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers=HEADERS)


schema = schemathesis.pytest.from_fixture("api")
USED = [not_a_server_error, status_code_conformance, content_type_conformance]


@pytest.mark.kill  # two thousand requests
@schema.parametrize()
@settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[*HealthCheck], derandomize=True
)
def test_every_answer_is_documented_and_none_is_a_fault(case):
    case.call_and_validate(headers=HEADERS, checks=USED)
