"""Routes that answer with JSON, by what they are about."""
