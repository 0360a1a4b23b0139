"""The command line: one file a verb; nothing imports from here."""
