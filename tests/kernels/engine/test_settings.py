import numpy as np
import pytest

from kernels import Settings


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"direction": "up"}, r"direction: need one of long, short, both, got 'up'"),
        ({"fill": "open"}, r"fill: need one of"),
        ({"stop_order": "x"}, r"stop_order: need one of"),
        ({"stops_from": "x"}, r"stops_from: need one of"),
        ({"arm": "no"}, r"arm: need true or false, got 'no'"),
        ({"engine": "fast"}, r"engine: need one of events, scalar"),
        ({"initial_capital": 0}, r"initial_capital: need a finite number > 0, got 0"),
        ({"periods_per_year": np.nan}, r"periods_per_year: need a finite number > 0"),
        ({"periods_per_year": "x"}, r"periods_per_year: need a finite number > 0"),
        (
            {"commission": 1.0},
            r"commission: need a fraction in \[0, 1\), got 1; 1 is 100 %, 0.01 is 1 %",
        ),
        ({"commission": None}, r"commission: need a fraction in \[0, 1\), got nan"),
        ({"slippage": -0.1}, r"slippage: need a fraction in \[0, 1\), got -0\.1"),
        ({"stop_loss": 0}, r"need a fraction in \(0, 1\), or null to switch it off, got 0$"),
        ({"take_profit": np.inf}, r"take_profit: need a fraction > 0"),
        ({"trailing_stop": [0.1, -1]}, r"trailing_stop: .* got -1 \(configuration 1\)"),
        ({"risk_fraction": 2, "stop_loss": 0.1}, r"risk_fraction: need a fraction in \(0, 1\]"),
        ({"risk_fraction": 0.1}, r"risk_fraction: needs a stop_loss to size by"),
        ({"stop_loss": 5}, r"need a fraction in \(0, 1\), .* got 5; 5 is 500 %, 0.05 is 5 %"),
        ({"trailing_stop": 1, "direction": "both"}, r"trailing_stop: need a fraction in \(0, 1\)"),
        ({"take_profit": 1, "direction": "short"}, r"take_profit: need a fraction in \(0, 1\)"),
        ({"stop_loss": [0.1, 2.5]}, r"got 2.5; 2.5 is 250 %, 0.025 is 2.5 % \(configuration 1\)"),
        ({"stop_loss": "a"}, r"stop_loss: need a number, got 'a'"),
        ({"stop_loss": [[0.1]]}, r"stop_loss: need a number or \(n,\) array"),
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
    with pytest.raises(ValueError, match=r"stop_loss: need one number or 3"):
        Settings(stop_loss=[0.1, 0.2]).risk(3)


def test_a_price_may_rise_by_more_than_all_of_it():
    Settings(take_profit=20.0).check()
    Settings(take_profit=1.5, direction="both").check()
    Settings(stop_loss=1.5, trailing_stop=2.0, risk_fraction=0.1, direction="short").check()
