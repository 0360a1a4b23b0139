"""Counts of the order engine besides trades."""

THROUGH, TOUCHED, AMBIGUOUS, LIQUIDATED, HELD, STOP_AT, TARGET_AT, N_COUNTS = range(8)
"""Places in the counts: limit entries traded through and only touched; bars in which a stop and a
target are both inside; liquidations. Then what is left at the end of the window: the signed size
held, and the prices of the nearest stop and target of the next bar, NaN where there is none."""

COUNTS = ("limits_through", "limits_touched", "ambiguous_bars", "liquidations")
"""Names of the counts, in order; the last three places are none."""
