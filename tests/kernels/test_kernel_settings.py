import numpy as np
import pytest

from kernels import Settings


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"direction": "up"}, r"settings\.direction: need one of long, short, both, got 'up'"),
        ({"fill": "open"}, r"settings\.fill: need one of"),
        ({"stop_order": "x"}, r"settings\.stop_order: need one of"),
        ({"stops_from": "x"}, r"settings\.stops_from: need one of"),
        ({"arm": "no"}, r"settings\.arm: need true or false, got 'no'"),
        ({"engine": "fast"}, r"settings\.engine: need one of events, scalar"),
        ({"initial_capital": 0}, r"settings\.initial_capital: need a finite number > 0, got 0"),
        ({"periods_per_year": np.nan}, r"settings\.periods_per_year: need a finite number > 0"),
        ({"periods_per_year": "x"}, r"settings\.periods_per_year: need a finite number > 0"),
        ({"commission": 1.0}, r"settings\.commission: need a fraction in \[0, 1\), got 1\.0"),
        ({"commission": None}, r"settings\.commission: need a fraction in \[0, 1\), got nan"),
        ({"slippage": -0.1}, r"settings\.slippage: need a fraction in \[0, 1\), got -0\.1"),
        ({"stop_loss": 0}, r"settings\.stop_loss: need a fraction > 0, or null to switch it off"),
        ({"take_profit": np.inf}, r"settings\.take_profit: need a fraction > 0"),
        ({"trailing_stop": [0.1, -1]}, r"trailing_stop: .* got -1\.0 \(configuration 1\)"),
        ({"risk_fraction": 2, "stop_loss": 1}, r"risk_fraction: need a fraction in \(0, 1\]"),
        ({"risk_fraction": 0.1}, r"settings\.risk_fraction: needs a stop_loss to size by"),
        ({"stop_loss": "a"}, r"settings\.stop_loss: need a number, got 'a'"),
        ({"stop_loss": [[0.1]]}, r"settings\.stop_loss: need a number or \(n,\) array"),
        ({"stop_loss": [0.1, 0.2], "slippage": [0, 0, 0]}, r"stop_loss: need one number or 3"),
    ],
)
def test_bad_values_are_named(given, message):
    with pytest.raises(ValueError, match=message):
        Settings.of(given).check()


def test_unknown_settings_are_named():
    with pytest.raises(
        ValueError, match=r"no setting is called 'stoploss'; did you mean stop_loss"
    ):
        Settings.of({"stoploss": 0.1})


def test_settings_come_from_settings_mappings_and_nothing():
    given = Settings(direction="both")
    assert Settings.of(given) is given
    assert Settings.of({"direction": "both"}).direction == "both"
    assert Settings.of(None).direction == "long"


def test_risk_has_a_row_per_configuration():
    risk = Settings(stop_loss=[0.1, np.nan]).risk(2)
    np.testing.assert_array_equal(risk[:, 2], [0.1, np.nan])
    np.testing.assert_array_equal(risk[:, 0], [0.0005, 0.0005])
    with pytest.raises(ValueError, match=r"settings\.stop_loss: need one number or 3"):
        Settings(stop_loss=[0.1, 0.2]).risk(3)
