"""HTTP API and pages over a store: what the command line does, for programs and browsers."""
