"""Evaluation of blocks: kernel calls, rows, calibration, isolation of failures."""
