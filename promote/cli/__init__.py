"""The verbs of `python -m promote`, a file each; `promote.cli.app` puts them in order.

What takes time to import (pyarrow, Numba, pandas: a second and more) is imported inside the verbs,
so that `--help` and completion answer at once.
"""
