"""The S&P 500 index, daily, 1999-01-04 to 2018-12-31: 5,031 real bars, unadjusted, offline.

Every bar keeps the rules and no session is missing, but the opens are stale: 2,004 of them equal
the close before, where the NASDAQ has 8. Judge fills at the next open on `nasdaq`.
"""

from store.data.arch_datasets import packaged_bars
from store.data.source_table import Table
from store.data.spec import DataSpec

OPTIONS = ()


def load(spec: DataSpec) -> dict[str, Table]:
    """Load the one symbol SP500."""
    return packaged_bars(spec, "SP500", "sp500")
