"""Profiles: promoted configurations as YAML files, read, compared and run again."""
