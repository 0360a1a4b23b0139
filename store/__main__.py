"""`python -m store`: see `store.cli.app`."""

from store.cli.app import app

if __name__ == "__main__":
    app(prog_name="python -m store")
