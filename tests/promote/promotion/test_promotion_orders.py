"""A configuration with orders is promoted with all its settings, and verifies bit for bit."""

from contextlib import redirect_stdout
from io import StringIO

import pytest

from promote.promotion.verify import verify
from sweeper.sweep import sweep_cells
from tests.promote.promoted import DATA, desk_in, promoted
from tests.sweeper.planned import make_cell


@pytest.fixture
def desk(tmp_path):
    root = tmp_path / "template"
    cell = make_cell(
        "params.fast=range(2,6)",
        "params.slow=range(8,20,4)",
        "risk.max_bars=null,6,9",
        data=DATA,
        store={"root": str(root)},
        executor="inline",
        risk={"unit": "atr", "stop_loss": 3},
        size={"kind": "fraction", "value": 0.7},
        costs={"fixed": 0.5},
    )
    with redirect_stdout(StringIO()):
        sweep_cells([cell], ["python", "-m", "sweeper", "-m"])
    return desk_in(tmp_path, root)


def test_a_profile_with_orders_is_what_was_swept(desk):
    profile = promoted(desk).profile
    kept = {"risk_unit": "atr", "stop_loss": 3.0, "size": "fraction", "size_value": 0.7}
    kept |= {"commission_fixed": 0.5}
    assert kept.items() <= profile.settings.items()
    assert profile.settings["max_bars"] in (None, 6.0, 9.0)
    found = verify(desk.root, desk.conf, "scalp")
    assert [fault for one in found for fault in one.faults] == []
