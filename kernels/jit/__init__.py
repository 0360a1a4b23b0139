"""Compilation of kernels, its cache, and error texts."""
