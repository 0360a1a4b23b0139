"""Backtests that are asked for over HTTP: what is asked, and the answer."""
