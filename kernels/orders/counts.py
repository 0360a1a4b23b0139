"""Counts of the order engine besides trades."""

THROUGH, TOUCHED, AMBIGUOUS, LIQUIDATED, N_COUNTS = range(5)
"""Places in the counts: limit entries traded through and only touched; bars in which a stop and a
target are both inside; liquidations."""

COUNTS = ("limits_through", "limits_touched", "ambiguous_bars", "liquidations")
"""Their names, in order."""
