"""Verification of a store, and deletion from it."""
