"""`python -m promote`: see `promote.app`."""

from promote.app import app

if __name__ == "__main__":
    app(prog_name="python -m promote")
