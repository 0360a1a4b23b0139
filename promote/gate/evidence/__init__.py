"""Evidence on one candidate, a part in each file; `evidence` has all of it by name."""
