"""`python -m store`: see `store.app`."""

from store.app import app

if __name__ == "__main__":
    app(prog_name="python -m store")
