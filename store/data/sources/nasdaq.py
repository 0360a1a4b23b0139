"""The NASDAQ Composite, daily, 1999-01-04 to 2018-12-31: 5,031 real bars, unadjusted, offline.

Every bar of it keeps the rules and no session is missing; two bars (2015-05-12
and 2018-01-09) have no volume.
"""

from store.data.arch_datasets import packaged_bars
from store.data.source_table import Table
from store.data.spec import DataSpec

OPTIONS = ()


def load(spec: DataSpec) -> dict[str, Table]:
    """Load the one symbol NASDAQ."""
    return packaged_bars(spec, "NASDAQ", "nasdaq")
