"""Pre-flight page: what its narrow columns may do to numbers."""

from rich.console import Console
from rich.table import Table

from sweeper.terminal.preflight import breakable

AXIS = "choice(20.0,25.0,30.0,35.0,40.0)"


def test_an_axis_wraps_between_its_values_and_never_within_one():
    console = Console(width=24, record=True)
    table = Table.grid()
    table.add_column(overflow="fold")
    table.add_row(breakable(AXIS))
    console.print(table)
    lines = [line.strip() for line in console.export_text().splitlines()]
    assert len(lines) > 1
    assert "".join(lines).replace(" ", "") == AXIS
    assert all(line.endswith((",", ")")) for line in lines)


def test_a_short_axis_stays_as_it_was_typed():
    assert breakable("choice(5,10)") == "choice(5,10)"
