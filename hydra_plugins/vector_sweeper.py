"""The Hydra Sweeper. Hydra 1.3 accepts one only from this namespace; all it does is call ours.

Hydra imports this file at every start, so nothing heavy is imported here.
"""

from dataclasses import dataclass, field
from typing import Any

from hydra.core.config_store import ConfigStore
from hydra.plugins.sweeper import Sweeper
from hydra.types import HydraContext, TaskFunction
from omegaconf import DictConfig


@dataclass
class VectorSweeperConf:
    """`hydra.sweeper`: the overrides of an experiment file, as in Hydra's own sweeper."""

    _target_: str = "hydra_plugins.vector_sweeper.VectorSweeper"
    params: dict[str, Any] | None = field(default_factory=dict)


ConfigStore.instance().store(group="hydra/sweeper", name="vector", node=VectorSweeperConf)


class VectorSweeper(Sweeper):
    """Compose once per cell of groups and strings; hand every numeric range on as an axis."""

    def __init__(self, params: dict[str, Any] | None = None) -> None:
        """Hydra hands over `params`; each cell reads those of its own files."""
        self._context: HydraContext | None = None
        self._config: DictConfig | None = None

    def setup(
        self, *, hydra_context: HydraContext, task_function: TaskFunction, config: DictConfig
    ) -> None:
        """Keep what Hydra hands over; the task function is never called, a cell is one job."""
        self._context, self._config = hydra_context, config

    def sweep(self, arguments: list[str]) -> Any:
        """Run the experiment that the command line describes, and the files that it chooses."""
        from sweeper.multirun import multirun  # late: Hydra imports this file at every start

        assert self._context is not None
        assert self._config is not None
        return multirun(self._context, self._config, arguments)
