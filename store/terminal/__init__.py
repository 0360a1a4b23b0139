"""Terminal tables of a store."""
