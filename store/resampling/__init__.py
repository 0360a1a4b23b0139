"""Redrawn series: the stationary bootstrap, how long its blocks are, and bars without skill."""
