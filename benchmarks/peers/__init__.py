"""The engines that are compared, each asked in a process and an environment of its own.

`client.Engine` starts `python -m benchmarks.peers NAME CORE` and exchanges a line of JSON per
question. What both sides must agree upon is in `cases` (parity) and `grids` (speed); neither needs
more than NumPy, for the peers' environment holds nothing of ours.
"""
