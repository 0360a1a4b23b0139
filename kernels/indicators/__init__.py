"""Indicators: each turns one series of n_bars values into another.

What all of them promise:

- Entry i uses entries 0..i of the input only, and a longer input keeps the beginning bit for bit.
- A length is a whole number of bars. Below 1, or above n_bars, the result is NaN everywhere.
- NaN in, NaN out: while warming up, and wherever an input that counts is NaN. Nothing is poisoned
  for good: a window is known again when its values are, a recursion starts again after a NaN.
- O(n), whatever the length, without a running sum over the whole history: digits are lost neither
  at price level 1e8 nor after a million bars, and averages of a standing market are exact ties.
"""

from kernels.indicators.averages import ema, ema_gap, hma, sma, wma
from kernels.indicators.channels import column, highest, lowest
from kernels.indicators.oscillators import change, rsi, zscore

__all__ = [
    "change",
    "column",
    "ema",
    "ema_gap",
    "highest",
    "hma",
    "lowest",
    "rsi",
    "sma",
    "wma",
    "zscore",
]
