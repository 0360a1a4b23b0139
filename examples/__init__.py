"""Examples that run: see each file."""
