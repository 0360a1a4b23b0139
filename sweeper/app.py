"""The command line: `python -m sweeper` for one backtest, `python -m sweeper -m` for a sweep."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hydra
from hydra.errors import HydraException
from omegaconf import DictConfig
from omegaconf.errors import OmegaConfBaseException

from sweeper.config import register, typed
from sweeper.errors import Interrupted, one_line

CONF = Path(__file__).resolve().parent.parent / "conf"

register()


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def run(composed: DictConfig) -> None:
    """Backtest the one configuration that was composed. Under -m Hydra calls our Sweeper instead."""
    from sweeper.single import run_single  # late: `--help` needs neither pandas nor Numba

    with refusing():
        run_single(typed(composed))


def main() -> None:
    """Run, and say what went wrong: one line and exit 2 for bad input, a traceback for a fault."""
    os.environ.setdefault("HYDRA_FULL_ERROR", "1")  # Hydra re-raises, so that we word the error
    with refusing():
        run()


@contextmanager
def refusing() -> Iterator[None]:
    """Leave with one line on bad input. Inside a Hydra job, which would print two lines of its own."""
    try:
        yield
    except Interrupted as interrupted:
        sys.stderr.write(f"{interrupted}\n")
        sys.exit(interrupted.code)
    except (HydraException, OmegaConfBaseException, ValueError) as error:
        sys.stderr.write(f"{one_line(error)}\n")
        sys.exit(2)
