"""Cycle: analyse, identify, optimise, gate, propose; it never deploys."""
