"""Queries: references, summaries, comparisons, SQL, annotations."""
