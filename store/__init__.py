"""Bars in, runs out: data sources, Parquet results, queries, report. No Ray, no Hydra."""
