"""Runs as Parquet: schema, blocks, merging, reading, ranking."""
