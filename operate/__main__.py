"""`python -m operate`: see `operate.cli.app`."""

from store.files.memory_limit import require_memory
from store.files.required_packages import require_packages

if __name__ == "__main__":
    require_memory()
    require_packages()
    from operate.cli.app import app  # late: the libraries behind it need the memory

    app(prog_name="python -m operate")
