"""How kernels are compiled and cached, and their errors."""
