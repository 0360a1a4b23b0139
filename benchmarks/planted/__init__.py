"""Bars with an optimum that is known, and the strategy that has to find it."""
