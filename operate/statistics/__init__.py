"""Statistics of live returns, fills and predictions: pure functions on arrays."""
