"""The luck line: the best Sharpe ratio that an experiment's own configurations show without skill.

Measured on bars that are redrawn from the experiment's, never taken from a formula for independent
tries: those of one strategy resemble each other, and the formula says twice what they show.
"""
