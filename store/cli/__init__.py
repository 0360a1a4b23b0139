"""The verbs of `python -m store`, a file each; `store.cli.app` puts them in order.

What takes time to import (pyarrow, DuckDB, Plotly: half a second and more) is imported inside the
verbs, so that `--help` and completion answer at once.
"""
