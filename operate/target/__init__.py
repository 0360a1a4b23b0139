"""Target: the decision that a bot reads, signed and with an end to its validity."""
