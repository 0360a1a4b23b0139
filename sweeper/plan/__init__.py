"""The plan of an experiment: cells, points, windows, pruning."""
