"""A sweep under way: its events, its cancellation and the counts of its progress."""
