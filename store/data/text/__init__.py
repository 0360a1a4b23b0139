"""Text of CSV files: encodings, numbers, times, columns without names."""
