"""Hydra's job logging in a sweep: the same lines in the log of each cell's folder.

All cells run together, so Hydra's own way, one logging config after the other, would leave only the
last cell's file.
"""

import logging
from collections.abc import Sequence
from pathlib import Path

from hydra.core.hydra_config import HydraConfig
from hydra.core.utils import configure_log
from omegaconf import DictConfig

from sweeper.evaluate.block_task import BlockDone
from sweeper.run.events import Event, as_json

log = logging.getLogger("sweeper")


def configure(composed: Sequence[DictConfig]) -> None:
    """Set up the job logging of the first cell, and its files for the others, too.

    Args:
        composed: configs of the cells, Hydra's part included, output folders made.
    """
    files = []
    for cfg in composed[1:]:
        files += _files_of(cfg)
    HydraConfig.instance().set_config(composed[0])
    configure_log(composed[0].hydra.job_logging, composed[0].hydra.verbose)
    handler = next((h for h in logging.getLogger().handlers if _is_file(h)), None)
    if files and handler is not None:
        copies = _Copies(files)
        copies.setFormatter(handler.formatter)
        copies.setLevel(handler.level)
        logging.getLogger().addHandler(copies)


def _files_of(cfg: DictConfig) -> list[Path]:
    """Log files that the job logging of a cell names, created empty as Hydra would."""
    HydraConfig.instance().set_config(cfg)
    handlers = (cfg.hydra.job_logging or {}).get("handlers") or {}
    files = [Path(h.filename) for h in handlers.values() if h and h.get("filename")]
    for file in files:
        file.touch()
    return files


def _is_file(handler: logging.Handler) -> bool:
    return isinstance(handler, logging.FileHandler)


class _Copies(logging.Handler):
    """Appends each line to many files, none of which is held open."""

    def __init__(self, files: Sequence[Path]) -> None:
        super().__init__()
        self._files = files

    def emit(self, record: logging.LogRecord) -> None:
        """Append a line."""
        for path in self._files:
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{self.format(record)}\n")


def log_event(event: Event) -> None:
    """Log an event of a sweep; a block with level DEBUG, which `hydra.verbose=true` shows."""
    if log.isEnabledFor(logging.DEBUG):
        values = as_json(event)
        name = values.pop("event")
        words = " ".join(f"{key}={value}" for key, value in values.items())
        log.debug("%s %s", "Block" if isinstance(event, BlockDone) else name, words)
