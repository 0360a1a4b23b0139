"""Trackers that people already use: a module for each, which gives it what a store has.

Each imports its tool when it is asked for: they are extras, and slow to import.
"""
