"""Hydra's own BasicSweeper: one job per configuration. `-m fast=range(5,45) slow=...`."""

import hydra
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig

from benchmarks.field.points import sharpe

ConfigStore.instance().store(name="point", node={"fast": 20, "slow": 50})


@hydra.main(version_base="1.3", config_path=None, config_name="point")
def main(config: DictConfig) -> float:
    """One configuration."""
    return sharpe(config.fast, config.slow)


if __name__ == "__main__":
    main()
