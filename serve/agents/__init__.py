"""Agents: what a program that thinks may see and do, and the budget that a person gave it."""
