"""The search space: axes, override grammar, constraints, seeded randomness."""
