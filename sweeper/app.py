"""The command line: `python -m sweeper` for one backtest, `python -m sweeper -m` for a sweep."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import hydra
from hydra.core.hydra_config import HydraConfig
from omegaconf import DictConfig

from store.files import machine_errors
from store.files.foreign_text import shown
from sweeper.checkout import version
from sweeper.config.bounded import refuse_long
from sweeper.config.command_line import read, refuse_unswept
from sweeper.config.error_text import Interrupted, one_line
from sweeper.config.refusals import LIBRARIES, sentence
from sweeper.config.run_mode import compose_once
from sweeper.config.schema import CONF, register, register_files, typed
from sweeper.executors import ClusterLost, GaveUp, signals

FLAGS = {"--allow-look-ahead": "strategy.allow_look_ahead=true"}
"""Options of ours, as the overrides that they stand for; Hydra takes no new ones."""

FULL_ERROR = "HYDRA_FULL_ERROR"
_traceback = False
"""Whether the user has set it."""

BAD_INPUT = (*LIBRARIES, ValueError)

register()


@hydra.main(version_base="1.3", config_path=str(CONF), config_name="config")
def run(composed: DictConfig) -> None:
    """Backtest the one composed configuration; under -m Hydra calls our Sweeper instead."""
    from sweeper.single import run_single  # late: `--help` needs neither pandas nor Numba

    try:
        refuse_unswept(HydraConfig.get())
        run_single(typed(composed))
    except BAD_INPUT as error:
        # Here, because Hydra would add a line of its own to an error that left its job.
        _discard(Path(HydraConfig.get().runtime.output_dir))
        _refuse(error)
    except machine_errors.REFUSALS as error:
        _give_up(error)


def main() -> None:
    """Run, and say what went wrong: one line and exit 2 for bad input, a traceback for a fault."""
    if "--version" in sys.argv[1:]:
        sys.stdout.write(f"Sweeper {version()} (Hydra {hydra.__version__})\n")
        return
    register_files()
    compose_once()
    with _full_errors():
        _main()


@contextmanager
def _full_errors() -> Iterator[None]:
    """Have Hydra hand errors on, for us to word; where the user asked for it, with a traceback."""
    global _traceback
    before = os.environ.get(FULL_ERROR)
    _traceback = before == "1"
    os.environ[FULL_ERROR] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[FULL_ERROR]
        else:
            os.environ[FULL_ERROR] = before


def _main() -> None:
    try:
        refuse_long(sys.argv)
        with signals.caught():
            sys.argv = read([FLAGS.get(word, word) for word in sys.argv])
            run()
    except Interrupted as interrupted:
        sys.stderr.write(f"{interrupted}\n")
        sys.exit(interrupted.code)
    except KeyboardInterrupt as stop:  # outside the runs themselves
        stop = signals.named(stop)
        by = f" by {stop}" if str(stop) else ""
        sys.stderr.write(f"Stopped{by}. What is done is kept; the same command goes on.\n")
        sys.exit(signals.exit_code(stop))
    except LIBRARIES as error:  # before the machine's: a missing config is an OSError of Hydra's
        _refuse(error)
    except machine_errors.REFUSALS as error:
        _give_up(error)
    except (ClusterLost, GaveUp) as error:
        sys.stderr.write(f"{shown(one_line(error))}\n")
        sys.exit(1)
    except BAD_INPUT as error:
        _refuse(error)


def _give_up(error: BaseException) -> None:
    _trace(error)
    sys.stderr.write(f"{shown(machine_errors.line(error))}\n")
    sys.exit(machine_errors.exit_code(error))


def _trace(error: BaseException) -> None:
    """Where an error came from, for a user who asked Hydra for that."""
    if _traceback:
        traceback.print_exception(error)


def _refuse(error: BaseException) -> None:
    _trace(error)
    sys.stderr.write(f"{shown(sentence(error))}\n")
    sys.exit(2)


def _discard(folder: Path) -> None:
    """Remove the job folder that Hydra made for a backtest that never ran, and what is in it."""
    for name in ("config.yaml", "hydra.yaml", "overrides.yaml"):
        (folder / ".hydra" / name).unlink(missing_ok=True)
    log = folder / "sweeper.log"
    if log.exists() and log.stat().st_size == 0:
        log.unlink()
    with suppress(OSError):  # not empty: from here on it is somebody else's
        for empty in (folder / ".hydra", folder, folder.parent, folder.parent.parent):
            empty.rmdir()
