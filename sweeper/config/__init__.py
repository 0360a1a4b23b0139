"""The composed config: schema, layers, names, refusals."""
