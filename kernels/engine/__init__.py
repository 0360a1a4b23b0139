"""The engines of a single series: settings, position, equity path, and the compiled batch."""
