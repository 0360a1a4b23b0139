"""The keys that something reads: a composed config may have no other, and a wrong one is answered.

Hydra lets a plus append any key to a config, and offers to. A key that nothing reads changes no
figure, so a user who believes in it believes in figures that are not there.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Union, get_args, get_origin, get_type_hints

import yaml
from hydra.conf import HydraConf
from hydra.core.config_store import ConfigStore
from omegaconf import DictConfig, OmegaConf

from sweeper.config.closest_word import KEYS_ELSEWHERE

FILES = Path(__file__).resolve().parents[2] / "conf"

OPEN = ("params", "data", "search", "split", "user", "fill", "strategy.space")
"""Parts whose keys depend on a strategy, source, search or split, which compares them itself."""

OPEN_KEYS = ("search.n", "data.timeframe", "data.symbols", "data.path")
"""Keys of open parts that exist whatever is chosen."""

APART = ("hydra.", "strategy.space.")
"""Parts whose keys are meant by no key outside of them."""

ADDED = (
    "hydra.sweeper.params.",
    "hydra.callbacks.",
    "hydra.job.env_set.",
    "strategy.members.",
    "strategy.features.",
)
"""Parts that take any key, each of which is added with a plus."""

SWEEPER = ("params",)
"""Keys of `hydra.sweeper`."""

RUNS_CODE = ("hydra.sweeper._target_", "hydra.launcher._target_")
"""Keys that Hydra imports the value of."""

SCALARS = (str, int, bool, float)


def refuse_unread(composed: DictConfig) -> None:
    """Raise ValueError for the first key of a composed config that nothing reads."""
    for path in _unread(composed, _schema(), ""):
        raise ValueError(no_such_key(path, composed))
    hydra = composed._get_node("hydra") if "hydra" in composed else None
    if isinstance(hydra, DictConfig):
        for path in _unread(hydra, HydraConf, "hydra."):
            raise ValueError(no_such_key(path, composed))


def refuse_unread_of_hydra(path: str, value: object = None) -> None:
    """Raise ValueError for a key below `hydra.` that Hydra does not read, appended or not.

    And for one value in the place of a part that has keys.
    """
    kind: object = HydraConf
    if path in RUNS_CODE:
        raise ValueError(f"{path}: names code to run, which no command line chooses; drop it")
    for part in path.split(".")[1:]:
        if kind is SWEEPER and part not in SWEEPER:
            raise ValueError(no_such_key(path))
        if is_dataclass(kind):
            hints = get_type_hints(kind)
            if part not in hints:
                raise ValueError(no_such_key(path))
            kind = SWEEPER if (kind, part) == (HydraConf, "sweeper") else hints[part]
        elif kind in SCALARS or (set(get_args(kind)) & set(SCALARS) and get_origin(kind) is Union):
            raise ValueError(no_such_key(path))
        else:
            return
    if (kind is SWEEPER or is_dataclass(kind)) and not isinstance(value, Mapping):
        raise ValueError(f"{path}: has keys of its own, which are set one by one: {path}.KEY=VALUE")


def no_such_key(path: str, composed: DictConfig | None = None) -> str:
    """The sentence for a key that does not exist, with the real key that is nearest to it.

    Args:
        path: the key as the user wrote it, dots between its parts.
        composed: the config that it was to change, if there is one: it has keys of its own, such
            as those of its strategy's parameters.
    """
    parent, _, _ = path.rpartition(".")
    if path.startswith(ADDED):
        return f"{path}: {parent} has no such key until it is added; write +{path}=VALUE"
    real = [key for key in _declared(_schema(), "") if key not in OPEN]
    real += [*_declared(HydraConf, "hydra."), *(f"hydra.sweeper.{key}" for key in SWEEPER)]
    real += _of_files() if composed is None else _leaves(composed)
    near = nearest(path, real)
    if near:
        return f"{path}: there is no such key; did you mean {near}?"
    while parent:
        below = (key.removeprefix(f"{parent}.") for key in real if key.startswith(f"{parent}."))
        if names := ", ".join(dict.fromkeys(key.partition(".")[0] for key in below)):
            return f"{path}: there is no such key; {parent} has {names}"
        parent = parent.rpartition(".")[0]
    names = ", ".join(sorted({key.partition(".")[0] for key in real}))
    return f"{path}: there is no such key; there are {names}, and user for keys of your own"


def nearest(path: str, real: Iterable[str]) -> str | None:
    """The key that a misspelt one stands for: the same last part elsewhere, or similar letters."""
    apart = [part for part in APART if not path.startswith(part)]
    keys = [key for key in real if not key.startswith(tuple(apart))]
    last = path.rpartition(".")[2]
    named = KEYS_ELSEWHERE.get(last, "")
    here = f"{path.rpartition('.')[0]}.{named.rpartition('.')[2]}"
    if named and here in keys:
        return here
    if named.partition(" ")[0] in (*keys, *OPEN_KEYS):
        return named
    same = [key for key in keys if key.rpartition(".")[2] == last]
    if same:
        return same[0]
    parent = path.rpartition(".")[0]
    siblings = [key for key in keys if key.rpartition(".")[0] == parent]
    for among in (siblings, keys):
        near = get_close_matches(path, among, n=1, cutoff=0.75)
        if near:
            return near[0]
    lasts = {key.rpartition(".")[2]: key for key in reversed(keys)}
    near = get_close_matches(last, lasts, n=1, cutoff=0.75)
    return lasts[near[0]] if near else None


@cache
def _schema() -> type:
    """The dataclass that `sweeper.config.schema.register` has given to Hydra."""
    schema = OmegaConf.get_type(ConfigStore.instance().load("schema.yaml").node)
    assert schema is not None
    return schema


def _declared(schema: type, prefix: str) -> Iterator[str]:
    """Every key of a schema; of a part that is a schema itself, its keys in its place."""
    hints = get_type_hints(schema)
    for part in fields(schema):
        kind = hints[part.name]
        if part.name == "defaults":
            continue
        if is_dataclass(kind):
            assert isinstance(kind, type)
            yield from _declared(kind, f"{prefix}{part.name}.")
        else:
            yield f"{prefix}{part.name}"


def _unread(node: DictConfig, schema: type, prefix: str) -> Iterator[str]:
    """Keys of a node that its schema does not have, schemas within it included."""
    hints = get_type_hints(schema)
    for key in node:
        name = str(key)
        if f"{prefix}{name}" == "hydra":
            continue
        if name not in hints:
            yield f"{prefix}{name}"
            continue
        kind, part = hints[name], node._get_node(key)
        if isinstance(part, DictConfig) and is_dataclass(kind) and not _hollow(part):
            assert isinstance(kind, type)
            yield from _unread(part, kind, f"{prefix}{name}.")


def _hollow(node: DictConfig) -> bool:
    return node._is_none() or node._is_missing() or node._is_interpolation()


@cache
def _of_files() -> tuple[str, ...]:
    """Paths of the values in the files of `conf` whose keys depend on what is chosen."""
    trees = [
        ("" if part == "strategy" else f"{part}.", yaml.safe_load(path.read_text()))
        for part in ("strategy", "data", "search", "split")
        for path in sorted((FILES / part).glob("*.yaml"))
    ]
    paths = [path for prefix, tree in trees for path in _paths(tree, prefix)]
    return tuple(dict.fromkeys(paths))


def _leaves(composed: DictConfig) -> Iterator[str]:
    """Paths of the values of a config in its open parts."""
    for part in OPEN[:-1]:
        node = composed._get_node(part)
        if isinstance(node, DictConfig) and not _hollow(node):
            yield from _paths(OmegaConf.to_container(node), f"{part}.")


def _paths(tree: object, prefix: str) -> Iterator[str]:
    if not isinstance(tree, Mapping):
        return
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from _paths(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}"
