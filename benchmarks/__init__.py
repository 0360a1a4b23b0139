"""Benchmarks: `python -m benchmarks` runs them all, each prints its own figures and ratios."""
