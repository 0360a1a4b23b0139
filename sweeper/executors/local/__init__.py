"""Blocks in processes that are forked from this one, which has everything loaded."""
