"""What `benchmarks.scale` measures in processes of their own."""
