"""Alerts: bands without gaps, the outbox, and delivery through apprise."""
