"""Saved job folders (`.hydra`) as configs: `--config-dir FOLDER/.hydra` runs that very job again.

Hydra itself looks in such a folder last, so that a `config` of the application comes before the one
that is saved there. So the saved config gets a name of its own, with our schema below it.
"""

from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

from hydra.core.config_store import ConfigStore
from hydra.core.override_parser.overrides_parser import OverridesParser

from sweeper.config.bounded import load_yaml

NAME = "saved_job"
"""Name of the config that a saved one becomes."""

FILES = ("config.yaml", "hydra.yaml", "overrides.yaml")
"""Files of a job folder, as Hydra writes them."""


def saved_job(given: Namespace) -> tuple[list[str], list[str]]:
    """Words that have Hydra run the job that `--config-dir` or `--config-path` names, if any.

    Args:
        given: the options of the command line; a config name other than `config` is left alone.

    Returns:
        Options, and overrides to put before those of the user; both empty where no job is named.

    Raises:
        ValueError: a saved file is not what Hydra writes.
    """
    for folder in (given.config_dir, given.config_path):
        if folder and given.config_name in (None, "config") and _is_job(Path(folder)):
            words = _store(Path(folder))
            return ["--config-name", NAME], words
    return [], []


def _is_job(folder: Path) -> bool:
    return all((folder / name).is_file() for name in FILES)


def _store(folder: Path) -> list[str]:
    """Give Hydra the saved config; returns the words of what it swept."""
    saved = load_yaml((folder / "config.yaml").read_text())
    words = load_yaml((folder / "overrides.yaml").read_text())
    if not isinstance(saved, dict) or not isinstance(words, list):
        raise ValueError(f"{folder}: is no job folder of Hydra; give the .hydra of a run")
    node: dict[str, object] = {
        **saved,
        "defaults": ["schema", {"override hydra/sweeper": "vector"}, "_self_"],
        "hydra": {"job": {"name": "sweeper"}},
    }
    ConfigStore.instance().store(name=NAME, node=node)
    return swept([str(word) for word in words])


def swept(words: Sequence[str]) -> list[str]:
    """The overrides among some words that sweep."""
    parsed = OverridesParser.create().parse_overrides(list(words))
    return [str(each.input_line) for each in parsed if each.is_sweep_override()]
