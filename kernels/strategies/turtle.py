"""Enter when the close leaves the channel of the bars before; the stop and the size are the risk's.

The Turtles' system (Faith 2003, The Original Turtle Trading Rules): channels of 20 bars in and 10
out, a stop two average ranges from the entry, and a size at which that stop costs a fixed part of
the equity. The file says when; `risk.unit=atr`, `risk.stop_loss=2` and `size.kind=risk` of its YAML
say the rest, and are swept like any number. Judged at the close; the bar is in neither channel.
"""

from kernels.strategies.donchian import LIMITS, ROWS, Params, signal

__all__ = ["LIMITS", "ROWS", "Params", "signal"]
