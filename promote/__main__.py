"""`python -m promote`: see `promote.cli.app`."""

from promote.cli.app import app

if __name__ == "__main__":
    app(prog_name="python -m promote")
