"""Orders, sizes, costs and weights: what docs/orders.md explains, as code."""
