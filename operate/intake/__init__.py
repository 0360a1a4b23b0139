"""Intake: fills, equity and predictions as they really happened, append-only."""
