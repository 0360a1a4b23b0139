"""The ledger: which configurations were ever tried, as a hash chain."""
