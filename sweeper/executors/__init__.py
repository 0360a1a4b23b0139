"""Where blocks are evaluated: in this process, or on Ray."""
