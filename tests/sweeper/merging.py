"""Sweeps that merge their blocks whenever there are two."""

from store import segments
from sweeper import record


def merge_all_the_time(monkeypatch):
    monkeypatch.setattr(segments, "MANY", 1)
    monkeypatch.setattr(record, "SAVE_SECONDS", -1.0)
