"""Blocks on Ray: cluster, dispatcher, workers. The only folder that imports Ray."""
