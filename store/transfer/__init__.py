"""Experiments out of a store and into another one.

json     one file: the record, tags and notes, and a line per run; comes back as it was
parquet  a folder: the store's own files, and the checksums of all of them; comes back as it was
csv      one file: a line per run without its block sums, for spreadsheets; does not come back
"""
