"""Paths, times and JSON records of operation; everything else builds on them."""
