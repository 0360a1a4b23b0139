"""Requests drawn from the OpenAPI document: no fault of the server, no undocumented answer."""

import os

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from serve.problems import Problem
from tests.serve.served import HOST, TOKENS, application

EXAMPLES = max(1, int(os.environ.get("SWEEPER_REQUESTS", "2000")) // 27)
"""Of each operation; SWEEPER_REQUESTS=20000 draws ten times as many."""
HEADERS = {"Host": HOST, "Authorization": f"Bearer {TOKENS['approve']}"}
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance]


def busy(*_):
    raise Problem(429, "sweeps: one at a time", {"Retry-After": "5"})


@pytest.fixture
def api(swept, tmp_path, monkeypatch):
    """The document; sweeps are neither planned nor started here, each would be a process."""
    monkeypatch.setattr("serve.api.jobs.preflight", lambda root, words: "a plan")
    monkeypatch.setattr("serve.api.jobs.start", busy)
    monkeypatch.setattr("serve.api.backtests.start_batch", busy)
    app = application(swept, tmp_path / "profiles")
    return schemathesis.openapi.from_asgi("/openapi.json", app, headers=HEADERS)


@pytest.mark.kill  # two thousand requests
@pytest.mark.filterwarnings("ignore")
def test_every_answer_is_documented_and_none_is_a_fault(api):
    operations = [each.ok() for each in api.get_all_operations()]
    assert len(operations) >= 25
    faults = []
    for operation in operations:

        @settings(
            max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=[*HealthCheck],
        )  # fmt: skip
        @given(case=operation.as_strategy())
        def draw(case):
            case.call_and_validate(headers=HEADERS, checks=CHECKS)

        try:
            draw()
        except Exception as fault:  # noqa: BLE001 -- all operations are told at once
            faults.append(f"{operation.label}: {fault!r} {getattr(fault, 'exceptions', '')}"[:600])
    assert faults == []
