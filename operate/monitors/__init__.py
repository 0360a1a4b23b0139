"""Monitors: five verdicts of three values on the live records of a profile."""
