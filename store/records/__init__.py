"""Records of experiments, and how their runs are numbered."""
