"""Tasks: the queue, its leases and breakers, run-due and the daemon."""
