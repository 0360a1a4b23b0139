"""`python -m operate`: see `operate.cli.app`."""

from store.files.memory_limit import require_memory

if __name__ == "__main__":
    require_memory()
    from operate.cli.app import app  # late: the libraries behind it need the memory

    app(prog_name="python -m operate")
