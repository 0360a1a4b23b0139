"""Notebook: a sweep over one's own bars, its results, the gate; no part of HTTP."""
