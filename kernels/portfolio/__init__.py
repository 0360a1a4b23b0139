"""Panels: many symbols traded with one purse. docs/panels.md explains the rules."""
