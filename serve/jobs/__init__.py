"""Sweeps asked for over HTTP: each a process of its own, which outlives the server."""
