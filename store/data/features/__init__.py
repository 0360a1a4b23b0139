"""Features: dated columns of any kind, joined onto bars without look-ahead."""
