"""Golden cases of every check, worked by hand: facts, limit, and what it is to say."""

import numpy as np

RECORD = {
    "skew": 0.0,
    "kurtosis": 3.0,
    "bars": 2520,
    "periods_per_year": 252.0,
}
"""Ten years of normal returns a day."""

DAILY = 252**-0.5
"""A Sharpe ratio of 1 a year, per day."""

STEADY = np.array([0.02, 0.01, -0.01] * 20)
"""60 trades: mean 0.2 / 30, deviation (ddof 1) 0.01258; a Sharpe ratio of 0.53 a trade."""

CASES = {
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
    "holdout": [
        ({"holdout_sharpe": 0.01}, 0.0, True),
        ({"holdout_sharpe": 0.0}, 0.0, False),
        ({"holdout_sharpe": -0.3}, 0.0, False),
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
    # Two symbols: 0.03 is 0.06 by Bonferroni.
    "spa": [
        ({"spa_p": 0.05, "symbols": 1, "configurations": 100}, 0.05, True),
        ({"spa_p": 0.03, "symbols": 2, "configurations": 100}, 0.05, False),
        ({"spa_p": 0.01, "symbols": 0, "configurations": 100}, 0.05, False),
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
