"""Golden cases of every check, worked by hand: facts, limit, and what it is to say."""

import numpy as np

RECORD = {
    "skew": 0.0,
    "kurtosis": 3.0,
    "bars": 2520,
    "periods_per_year": 252.0,
}
"""Ten years of normal returns a day."""

SHOWS = {
    "chance_before": 0.02,
    "holdout_z": 1.0,
    "holdout_chance": 0.16,
    "holdout_uses": 1,
    "bars": 2520,
    "holdout_bars": 630,
}
"""Two windows of four and one parts, luck once in 50 times in the first."""

TESTED = {
    **{name: SHOWS[name] for name in ("chance_before", "holdout_z", "bars", "holdout_bars")},
    "holdout_tests": (),
}

HELD = {"holdout_z": 1.0, "holdout_kin": 12, "holdout_kin_sharpe": 0.6, "holdout_sharpe": 0.5}

COUNTED = {
    "chance_before": 0.05,
    "times": 2.0,
    "symbols": 1,
    "competitors": 90,
    "tried": 200,
    "bars": 1000,
}

DAILY = 252**-0.5
"""A Sharpe ratio of 1 a year, per day."""

STEADY = np.array([0.02, 0.01, -0.01] * 20)
"""60 trades: mean 0.2 / 30, deviation (ddof 1) 0.01258; a Sharpe ratio of 0.53 a trade."""

CASES = {
    "activity": [
        ({"active_periods": 10, "periods": 64}, 10, True),
        ({"active_periods": 9, "periods": 64}, 10, False),
    ],
    "cost_stress": [
        ({"stressed_sharpe": 0.25, "sharpe": 0.6}, 0.25, True),
        ({"stressed_sharpe": 0.6, "sharpe": 0.6}, 0.25, True),
        ({"stressed_sharpe": 0.24, "sharpe": 0.6}, 0.25, False),
    ],
    # Of a budget of 0.1 the first test may spend 0.05 x 6 / pi^2 = 0.0304, the second, after none
    # was found, a quarter of that: 0.0076. SHOWS is luck once in 95 times: 0.0105.
    "promotion_budget": [
        (TESTED, 0.1, True),
        ({**TESTED, "holdout_tests": (False,)}, 0.1, False),
        ({**TESTED, "holdout_tests": (True,)}, 0.1, True),
    ],
    "alike": [
        ({"sharpe_spread": 0.4}, 0.1, True),
        ({"sharpe_spread": 0.1}, 0.1, True),
        ({"sharpe_spread": 0.04}, 0.1, False),
    ],
    "clean_tree": [
        ({"changed_files": ()}, 0, True),
        ({"changed_files": ("a.py",)}, 0, False),
        ({"changed_files": ("a.py", "b.py", "c.py", "d.py")}, 0, False),
    ],
    # Bailey and Lopez de Prado (2014), their worked example: a Sharpe ratio of 2.5 a year over
    # 1,250 days, skew -3, kurtosis 10, 100 trials whose annual ratios vary by 1/2: 0.9004; of 46
    # trials it would be 0.9505.
    "deflated_sharpe": [
        (
            {
                "chosen_sharpe": 2.5 / 250**0.5,
                "chosen_bars": 1250.0,
                "chosen_variance": 0.5 / 250,
                "chosen_among": 1,
                "skew": -3.0,
                "kurtosis": 10.0,
                "periods_per_year": 250.0,
                "tried": 100,
                "independent": trials,
            },
            0.95,
            passes,
        )
        for trials, passes in ((46.0, True), (100.0, False))
    ],
    "drawdown_ratio": [
        ({"max_drawdown": 0.25, "volatility": 0.10}, 2.5, True),
        ({"max_drawdown": 0.26, "volatility": 0.10}, 2.5, False),
        ({"max_drawdown": 0.0, "volatility": 0.0}, 2.5, False),
    ],
    "foresight": [
        ({"foretold": {}}, 0.3, True),
        ({"foretold": {"news": 0.05, "flow": -0.29}}, 0.3, True),
        ({"foretold": {"news": 0.05, "prob": -0.71}}, 0.3, False),
    ],
    # Worked by `tests.promote.slow_statistics.evidence`, a sum over two dimensions.
    "evidence": [
        (SHOWS, 0.025, True),
        ({**SHOWS, "holdout_z": 0.3}, 0.025, True),
        ({**SHOWS, "holdout_z": 0.1}, 0.025, False),
        ({**SHOWS, "holdout_z": -0.26}, 0.999, False),
        ({**SHOWS, "chance_before": 0.21, "holdout_z": 9.0}, 0.999, False),
        ({**SHOWS, "holdout_uses": 2}, 0.025, True),
    ],
    "holdout": [
        ({**HELD, "holdout_z": -0.25}, -0.25, True),
        ({**HELD, "holdout_z": 0.5, "holdout_kin": 1}, 0.0, True),
        ({**HELD, "holdout_z": -0.26}, -0.25, False),
    ],
    "holdout_gap": [
        ({"holdout_gap": 1.645, "holdout_sharpe": 0.2, "sharpe": 1.0}, 1.645, True),
        ({"holdout_gap": -1.0, "holdout_sharpe": 1.2, "sharpe": 1.0}, 1.645, True),
        ({"holdout_gap": 1.7, "holdout_sharpe": -0.2, "sharpe": 1.0}, 1.645, False),
    ],
    "holdout_uses": [
        ({"holdout_uses": 1}, 1, True),
        ({"holdout_uses": 2}, 1, False),
    ],
    "look_ahead": [
        ({"leaks": ()}, 0, True),
        ({"leaks": ("the signal of bar 7 moves",)}, 0, False),
    ],
    "max_drawdown": [
        ({"max_drawdown": 0.1}, 0.1, True),
        ({"max_drawdown": 0.25}, 0.2, False),
    ],
    "min_sharpe": [
        ({"sharpe": 0.5}, 0.5, True),
        ({"sharpe": 0.4999}, 0.5, False),
    ],
    # Equation 13 of Bailey and Lopez de Prado (2012): a ratio of 1 a year is 0.063 a day, and
    # takes 1 + (1 + 0.063^2 / 2) (1.645 / 0.063)^2 = 684.2 days = 2.715 years of 252.
    "min_track_record": [
        ({**RECORD, "bar_sharpe": DAILY}, 0.95, True),
        ({**RECORD, "bar_sharpe": DAILY, "bars": 684}, 0.95, False),
        ({**RECORD, "bar_sharpe": DAILY, "bars": 685}, 0.95, True),
        ({**RECORD, "bar_sharpe": 0.0}, 0.95, False),
        ({**RECORD, "bar_sharpe": -0.1}, 0.95, False),
    ],
    "min_trade_record": [
        ({"trade_returns": STEADY}, 0.95, True),
        ({"trade_returns": -STEADY}, 0.95, False),
        ({"trade_returns": STEADY[:6]}, 0.95, False),
        ({"trade_returns": STEADY[:2]}, 0.95, False),
        ({"trade_returns": np.empty(0)}, 0.95, False),
        ({"trade_returns": np.full(40, 0.01)}, 0.95, False),
    ],
    "min_trades": [
        ({"trades": 30.0}, 30, True),
        ({"trades": 29.0}, 30, False),
    ],
    "overfit_loss": [
        ({"loss_chance": 0.2}, 0.2, True),
        ({"loss_chance": 0.21}, 0.2, False),
    ],
    "pbo": [
        ({"pbo": 0.49}, 0.5, True),
        ({"pbo": 0.5}, 0.5, False),
    ],
    "permutation": [
        ({"permutation_p": 0.05, "permutations": 19}, 0.05, True),
        ({"permutation_p": 0.1, "permutations": 19}, 0.05, False),
    ],
    "plateau": [
        ({"plateau_score": 0.5}, 0.5, True),
        ({"plateau_score": 0.1}, 0.5, False),
    ],
    "positive_return": [
        ({"total_return": 1e-9}, 0.0, True),
        ({"total_return": 0.0}, 0.0, False),
    ],
    "spa": [
        (COUNTED, 0.05, True),
        ({**COUNTED, "symbols": 2}, 0.05, True),
        ({**COUNTED, "chance_before": 0.051}, 0.05, False),
        ({**COUNTED, "symbols": 0}, 0.05, False),
        ({**COUNTED, "times": 0.5}, 0.05, False),
    ],
    "test_gap": [
        ({"test_gap": 1.0, "test_sharpe": 0.5, "sharpe": 1.0}, 1.645, True),
        ({"test_gap": 2.0, "test_sharpe": -0.5, "sharpe": 1.0}, 1.645, False),
    ],
    "uplift_chance": [
        ({"uplift_p": 0.05}, 0.05, True),
        ({"uplift_p": 0.06}, 0.05, False),
    ],
    "uplift_drawdown": [
        ({"max_drawdown": 0.12, "baseline_drawdown": 0.10}, 0.21, True),
        ({"max_drawdown": 0.05, "baseline_drawdown": 0.10}, 0.2, True),
        ({"max_drawdown": 0.13, "baseline_drawdown": 0.10}, 0.2, False),
        ({"max_drawdown": 0.1, "baseline_drawdown": 0.0}, 0.2, False),
    ],
    "uplift_return": [
        ({"total_return": 0.3, "baseline_return": 0.2}, 0.05, True),
        ({"total_return": 0.22, "baseline_return": 0.2}, 0.05, False),
    ],
    "uplift_sharpe": [
        ({"sharpe": 1.0, "baseline_sharpe": 0.7}, 0.2, True),
        ({"sharpe": 1.0, "baseline_sharpe": 0.9}, 0.2, False),
    ],
    "verify": [
        ({"differences": ()}, 0, True),
        ({"differences": ("sharpe of dev",)}, 0, False),
    ],
}
