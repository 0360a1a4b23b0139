"""Bars made ready for the kernels: columns, trading days, summaries of ranges."""
