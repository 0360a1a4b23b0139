"""How points of a space are chosen; this folder is the registry: one file per search."""
