"""`python -m operate`: see `operate.cli.app`."""

from operate.cli.app import app

if __name__ == "__main__":
    app(prog_name="python -m operate")
