"""Facts: what checks ask for has a name, a type and a part that knows it."""

import typing

import pytest

from promote.gate import checks
from promote.gate.evidence.facts import Facts


def facts():
    """Type of each fact by name."""
    return {
        name: typing.get_type_hints(value.fget)["return"]
        for part in Facts.__mro__
        for name, value in vars(part).items()
        if isinstance(value, property)
    }


@pytest.mark.parametrize("name", checks.names())
def test_a_check_asks_for_facts_by_their_names_and_types(name):
    check = checks.load(name)
    hints = typing.get_type_hints(check.function)
    for need in check.needs:
        assert need in facts()
        if hints[need] is float:
            assert facts()[need] in (int, float)


def test_every_fact_is_asked_for():
    asked = {need for name in checks.names() for need in checks.load(name).needs}
    assert asked == set(facts())
