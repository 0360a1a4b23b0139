"""The files that a config is composed of, in their order, and the numbers that they fix.

A strategy's own file gives each parameter a default and a range, its `space`; the range is swept
when nothing else is asked for. A number that a later file sets (an experiment, a config of the
user's, a strategy file built on another) is a decision against that range: it is fixed.
"""

import re
from collections.abc import Callable, Mapping, Sequence

from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.defaults_list import create_defaults_list
from hydra.core.config_loader import ConfigLoader
from omegaconf import OmegaConf

from sweeper.plan.cell import flatten, param_path

GROUP_WORD = re.compile(r"[+~]*[\w/-]+(@[^=]*)?(=.*)?", re.DOTALL)
"""Overrides that may choose a file: their key has no dot."""


def fixed_by_files(loader: ConfigLoader, config_name: str) -> Callable[[Sequence[str]], set[str]]:
    """A function from override texts to the parameters' paths that the composed files fix."""
    assert isinstance(loader, ConfigLoaderImpl)
    by_files: dict[tuple[str, ...], set[str]] = {}

    def fixed(texts: Sequence[str]) -> set[str]:
        words = tuple(text for text in texts if _chooses(text))
        if words not in by_files:
            by_files[words] = _fixed(_layers(loader, config_name, words))
        return by_files[words]

    return fixed


def _chooses(text: str) -> bool:
    return GROUP_WORD.fullmatch(text) is not None or text.startswith("hydra.searchpath=")


def _layers(
    loader: ConfigLoaderImpl, config_name: str, words: Sequence[str]
) -> list[Mapping[str, object]]:
    """The files of a config, flattened; each overrides what stands before it."""
    parsed, repository = loader._parse_overrides_and_create_caching_repo(config_name, list(words))
    defaults = create_defaults_list(
        repo=repository,
        config_name=config_name,
        overrides_list=parsed,
        prepend_hydra=True,
        skip_missing=False,
    ).defaults
    layers: list[Mapping[str, object]] = []
    for default in defaults:
        assert default.config_path is not None
        loaded = repository.load_config(config_path=default.config_path)
        assert loaded is not None
        tree = OmegaConf.to_container(loader._embed_result_config(loaded, default.package).config)
        assert isinstance(tree, dict)
        wanted = {part: tree[part] for part in ("params", "strategy") if part in tree}
        layers.append(flatten(wanted))
    return layers


def _fixed(layers: Sequence[Mapping[str, object]]) -> set[str]:
    """Parameters whose value is set by a later file than their range."""
    ranged: dict[str, int] = {}
    valued: dict[str, int] = {}
    for place, layer in enumerate(layers):
        for path in layer:
            if path.startswith("strategy.space."):
                ranged[param_path(path.removeprefix("strategy.space."))] = place
            elif path.startswith("params."):
                valued[path] = place
    return {path for path, place in valued.items() if place > ranged.get(path, place)}
