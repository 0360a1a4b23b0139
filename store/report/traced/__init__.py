"""Sections of a run that is backtested again: its trades, its ranking."""
