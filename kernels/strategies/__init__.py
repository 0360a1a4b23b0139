"""The strategies; this folder is their registry: one file each, named after it."""
