"""The gate: presets, checks, evidence, and the judgement of one run."""
