"""The processor that kernels are compiled for, as LLVM calls it."""

from llvmlite import binding
from numba import config


def processor() -> str:
    """Name such as `znver4`; what NUMBA_CPU_NAME says where it is set."""
    named = config.CPU_NAME  # type: ignore[attr-defined]  # Numba sets it as it is imported
    return str(named or binding.get_host_cpu_name())
