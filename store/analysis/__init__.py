"""Analysis of stored runs: plateaus, Pareto fronts, walk-forward, suggestions."""
