"""What the figures of a benchmark say, on a terminal and in docs/benchmarks.md."""
