"""`python -m promote`: see `promote.cli.app`."""

from store.files.memory_limit import require_memory

if __name__ == "__main__":
    require_memory()
    from promote.cli.app import app  # late: the libraries behind it need the memory

    app(prog_name="python -m promote")
