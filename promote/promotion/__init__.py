"""Changes to profiles: apply, approve, roll back, verify, each all or nothing."""
