"""Statistics, gate, profiles. Reads the store; re-runs one backtest; never a live sweep."""
