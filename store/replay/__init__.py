"""Stored runs backtested again: equity, trades, buy and hold."""
