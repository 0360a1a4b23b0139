"""Limits that were on record before the sweep, next to those that judge."""

import pytest

from promote.gate import preset
from promote.gate.declared import against_declared
from store.records.declared import DeclaredRecord
from sweeper.run import declared as declaring
from tests.store.made_runs import new_experiment

STANDARD = preset.load("standard")


@pytest.fixture
def experiment(tmp_path):
    """An experiment that declared the standard limits, but for some."""

    def made(**changes):
        limits = {**STANDARD.checks, **changes}
        declared = DeclaredRecord(configurations=1234, gate="standard", limits=limits)
        return new_experiment(tmp_path, declared=declared)

    return made


def test_the_same_limits_are_said_so(experiment):
    assert against_declared(experiment(), STANDARD) == (
        "Declared before the sweep ran: 1,234 configurations, gate standard, with these limits."
    )


@pytest.mark.parametrize(
    ("changes", "told"),
    [({"spa": 0.3}, "spa 0.3 -> 0.2"), ({"max_drawdown": 0.2}, "max_drawdown 0.2 -> off")],
)
def test_a_limit_that_was_another_is_named(experiment, changes, told):
    assert against_declared(experiment(**changes), STANDARD).endswith(f"; since then: {told}.")


def test_a_limit_of_the_command_line_is_named(experiment):
    changed = STANDARD.change({"min_trades": None, "evidence": 0.1})
    said = against_declared(experiment(), changed)
    assert "min_trades 30 -> off" in said
    assert "evidence 0.025 -> 0.1" in said


def test_another_gate_was_chosen_afterwards(experiment):
    said = against_declared(experiment(), preset.load("strict"))
    assert said.endswith("gate standard; judged by strict, which was chosen afterwards.")


def test_records_of_earlier_versions_say_nothing(tmp_path):
    assert against_declared(new_experiment(tmp_path), STANDARD) == ""


def test_the_declared_limits_are_those_of_the_gate():
    class Planned:
        configurations = 12

    told = declaring.declared(Planned())
    assert (told.configurations, told.gate) == (12, "standard")
    assert told.limits == STANDARD.checks
