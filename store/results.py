"""The public door to a store's results: `from store.results import Results`."""

from store.query.results import Results

__all__ = ["Results"]
