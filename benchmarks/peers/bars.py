"""Bars handed to an engine, which may know nothing of ours, as a file of plain arrays."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

COLUMNS = ("open", "high", "low", "close", "volume")


def write_bars(frame: pd.DataFrame, path: Path) -> Path:
    """Write checked bars to a .npz file: float64 columns, and `time` in nanoseconds UTC."""
    times = pd.DatetimeIndex(frame.index).as_unit("ns").asi8
    columns: dict[str, Any] = {name: frame[name].to_numpy() for name in COLUMNS}
    np.savez(path, time=times, **columns)
    return path
