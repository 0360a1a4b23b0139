"""Bars in: from a spec to checked bars of one symbol each.

sources/   where bars come from: one file per source
shape      any table to the one form bars have here
bars       the rules bars must keep, their quality, their fingerprint
calendar   sessions of an exchange, bars in a year
load       all of it, in order
"""

from store.data.dataset import Dataset
from store.data.load import from_frame, load, source_names
from store.data.spec import DataSpec

__all__ = ["DataSpec", "Dataset", "from_frame", "load", "source_names"]
