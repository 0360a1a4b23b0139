"""Hydra, composing our configs in a process that may be a Hydra application of others.

Hydra keeps one application for a process, `GlobalHydra`, which is not touched here: the loader
below it needs none. What else is global and has to change meanwhile is put back.
"""

import sys
import threading
from collections.abc import Iterator, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

from hydra import version
from hydra._internal.config_loader_impl import ConfigLoaderImpl
from hydra._internal.utils import create_config_search_path
from hydra.core.config_store import ConfigStore
from hydra.core.utils import setup_globals
from hydra.types import RunMode
from omegaconf import DictConfig
from omegaconf.basecontainer import BaseContainer

from sweeper.config.schema import CONF, register
from sweeper.plan.request import Composer

_turn = threading.Lock()
"""Held while configs are composed, which takes a fraction of a second."""

_MISSING = object()


@contextmanager
def composing() -> Iterator[Composer]:
    """Hydra, ready to parse overrides and to compose configs; one thread at a time."""
    with _turn, _as_before():
        register()
        setup_globals()
        version.setbase("1.3")
        loader = ConfigLoaderImpl(create_config_search_path(str(CONF)))

        def compose(texts: Sequence[str]) -> DictConfig:
            return loader.load_configuration("config", list(texts), RunMode.RUN, from_shell=False)

        yield Composer.of(loader, compose)


@contextmanager
def _as_before() -> Iterator[None]:
    """Put back what is global in Hydra and OmegaConf, down to the very objects."""
    before = [(whole, key, whole.get(key, _MISSING)) for whole, key in _shared()]
    try:
        yield
    finally:
        for whole, key, value in before:
            if value is _MISSING:
                whole.pop(key, None)
            else:
                whole[key] = value


def _shared() -> Iterator[tuple[MutableMapping[str, Any], str]]:
    """State that composing changes for the whole process, as dictionaries and their keys."""
    yield vars(version.VersionBase.instance()), "version_base"
    yield ConfigStore.instance().repo, "schema.yaml"
    yield vars(sys.modules["omegaconf._utils"]), "get_yaml_loader"
    for resolver in ("now", "hydra", "python_version"):
        yield BaseContainer._resolvers, resolver
