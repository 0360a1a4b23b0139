"""The audit of profiles: log, journal, signatures, git, and the configuration of promotion."""
