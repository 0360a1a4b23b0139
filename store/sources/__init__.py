"""Where bars come from; this folder is the registry: one file per source, named after it."""
