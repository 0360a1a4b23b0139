"""Order settings drawn at random, any number of them together."""

import dataclasses

import numpy as np

from tests.kernels.market import any_settings


def any_orders(random, share=0.3):
    """Settings of `any_settings`, and each order setting with this probability."""

    def either(value):
        return value if random.random() < share else None

    plain = any_settings(random)
    atr = bool(random.random() < 0.4)
    unit = 60.0 if atr else 1.0  # an average range is some 2 % of the price
    own = {name: getattr(plain, name) for name in ("stop_loss", "take_profit", "trailing_stop")}
    own = {name: None if value is None else value * unit for name, value in own.items()}
    size = str(random.choice(["all_in", "all_in", "fraction", "risk", "fixed", "units"]))
    values = {"fraction": 0.4, "risk": 0.02, "fixed": 0.3 * plain.initial_capital}
    values["units"] = 0.005 * plain.initial_capital
    stops = own["stop_loss"] is not None or own["trailing_stop"] is not None
    if size == "risk" and not stops:
        size = "all_in"
    sized = size != "all_in" or plain.risk_fraction is None
    entry = str(random.choice(["market", "market", "limit", "stop"]))
    adds = random.random() < share
    return dataclasses.replace(
        plain,
        **own,
        risk_fraction=None if sized else plain.risk_fraction,
        risk_unit="atr" if atr else "fraction",
        atr_length=int(random.integers(1, 20)),
        break_even=either(random.uniform(0.005, 0.05) * unit),
        trail_after=either(random.uniform(0.005, 0.05) * unit),
        max_bars=either(int(random.integers(1, 8))),
        cooldown=either(int(random.integers(1, 5))),
        scale_out_at=either(random.uniform(0.005, 0.05) * unit),
        scale_out_part=either(random.uniform(0.1, 0.9)),
        pyramiding=int(random.integers(1, 4)) if adds else None,
        add_at=random.uniform(0.003, 0.03) * unit if adds else None,
        entry=entry,
        entry_distance=None if entry == "market" else random.uniform(0.001, 0.02) * unit,
        entry_valid=int(random.integers(1, 5)),
        limit_fill=str(random.choice(["through", "touch"])),
        size=size,
        size_value=values.get(size),
        lot=either(10 ** random.uniform(-3, -1) * plain.initial_capital / 100),
        min_notional=either(0.1 * plain.initial_capital),
        vol_target=either(random.uniform(0.05, 0.4)),
        vol_length=int(random.integers(2, 25)),
        leverage=either(random.uniform(0.5, 6)) or 1,
        maintenance_margin=either(random.uniform(0.01, 0.12)),
        commission_minimum=either(0.001 * plain.initial_capital) or 0,
        commission_per_share=either(0.01) or 0,
        commission_fixed=either(0.0005 * plain.initial_capital) or 0,
        maker_commission=either(random.uniform(-0.0005, 0.001)),
        borrow_rate=either(0.1) or 0,
        cash_rate=either(0.1) or 0,
    )


def jumpy(bars, random):
    """The same bars with opens far from the close before, and long wicks."""
    n = bars["open"].size
    jumps = np.exp(random.normal(0.0, 0.03, n))
    opened = bars["open"] * jumps
    high = np.maximum(bars["high"], opened) * np.exp(random.exponential(0.01, n))
    low = np.minimum(bars["low"], opened) * np.exp(-random.exponential(0.01, n))
    return bars | {"open": opened, "high": high, "low": low}
