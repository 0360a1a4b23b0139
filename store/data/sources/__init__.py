"""Where bars come from: one module per source, and the folder is the registry.

A source has `OPTIONS`, the keys of the config group `data` that only some sources read, and
`load(spec) -> dict[symbol, Table]` for the symbols the spec asks for, in its order.
"""
