"""Numba kernels: indicators, strategies, simulation, metrics. Imports numpy and numba only."""
