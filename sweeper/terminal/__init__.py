"""Terminal output of a sweep: a watcher of its events."""
