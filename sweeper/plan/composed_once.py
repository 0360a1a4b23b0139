"""Config of the cell that a command sweeps, out of the config that Hydra has composed of it.

Hydra composes a multirun's config of all words that sweep nothing. The cell of a sweep of numbers
is composed of the same words, which would take as long again: a third of a small sweep.
"""

import copy
from collections.abc import Sequence

from hydra._internal.config_loader_impl import get_overrides_dirname
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig


def unswept(words: Sequence[str]) -> list[str]:
    """The words of a command line of which Hydra has composed a multirun's config."""
    overrides = OverridesParser.create().parse_overrides(list(words))
    return [str(each.input_line) for each in overrides if not each.is_sweep_override()]


def as_cell(multirun: DictConfig, words: Sequence[str]) -> DictConfig:
    """Config of `words`, as Hydra's `load_sweep_config` would compose it.

    Args:
        multirun: its config.
        words: all those that it has been composed of, in their order.
    """
    cell = copy.deepcopy(multirun)
    job, overrides = cell.hydra.job, OverridesParser.create().parse_overrides(list(words))
    cell.hydra.overrides.task = list(words)
    job.override_dirname = get_overrides_dirname(
        overrides=overrides,
        kv_sep=job.config.override_dirname.kv_sep,
        item_sep=job.config.override_dirname.item_sep,
        exclude_keys=job.config.override_dirname.exclude_keys,
    )
    return cell
