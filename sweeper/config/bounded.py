"""Input with an end: YAML whose aliases do not multiply, files that are files, short lists.

A YAML file of ten lines can stand for 10^9 values, since an alias may name a list of aliases.
PyYAML keeps one node for all of them; OmegaConf makes each of its own. So nodes are counted as
often as they are used before anything is made of them.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml

from store.files import backend
from sweeper.config.yaml_names import keep_names

CONFIG_VALUES = 50_000
"""Values of a config file at most: OmegaConf takes 0.1 ms for each."""
LIST_VALUES = 5_000_000
"""Values of a list of configurations at most."""
LISTED = 10_000
"""Values listed one by one at most: Hydra's grammar takes 0.4 ms for each."""


class _Bounded:
    """Node of a document, counted by the loader; aliases count as often as they are used."""

    most = LIST_VALUES
    names_kept = False

    def get_single_node(self) -> Any:
        """The root of the document; YAMLError when there is too much below it."""
        try:
            node = super().get_single_node()  # type: ignore[misc]
            count = 0 if node is None else _count(node, {})
        except RecursionError:
            raise yaml.YAMLError("is nested too deeply, or contains itself") from None
        if count > self.most:
            raise yaml.YAMLError(
                f"stands for {_number(count)} values, more than {self.most:,}; write out fewer"
            )
        if self.names_kept:
            keep_names(node)
        return node


class _ParsedInC:
    """Loader whose text libyaml parses, in a tenth of the time, where PyYAML comes with it."""

    if yaml.__with_libyaml__:

        def __init__(self, stream: Any) -> None:
            yaml.cyaml.CParser.__init__(self, stream)
            yaml.constructor.SafeConstructor.__init__(self)
            yaml.resolver.Resolver.__init__(self)


_PARSERS = (_ParsedInC, yaml.cyaml.CParser) if yaml.__with_libyaml__ else ()


def _bounded(loader: Any, most: int, names_kept: bool = False) -> Any:
    """A loader class like another one, with a bound."""
    bases = (_Bounded, *_PARSERS, loader)
    return type("BoundedLoader", bases, {"most": most, "names_kept": names_kept})


def _count(node: Any, counted: dict[int, int]) -> int:
    """Nodes below and with one; of each the number is worked out once."""
    if id(node) not in counted:
        below = getattr(node, "value", None)
        parts: list[Any] = []
        if isinstance(node, yaml.SequenceNode):
            parts = list(below or ())
        elif isinstance(node, yaml.MappingNode):
            parts = [part for pair in below or () for part in pair]
        counted[id(node)] = 1 + sum(_count(part, counted) for part in parts)
    return counted[id(node)]


def _number(count: int) -> str:
    return f"{count:,}" if count < 10**12 else f"over 10^{len(str(count)) - 1}"


def load_yaml(text: str) -> Any:
    """The value of a YAML text; YAMLError when it is none, or stands for too much."""
    return yaml.load(text, Loader=_bounded(yaml.SafeLoader, LIST_VALUES))


def guard_configs() -> None:
    """Have OmegaConf, by which Hydra reads every config file, count and keep names first."""
    module: Any = sys.modules["omegaconf._utils"]
    own = module.get_yaml_loader
    if getattr(own, "bounded", False):
        return

    def get_yaml_loader() -> Any:
        return _bounded(own(), CONFIG_VALUES, names_kept=True)

    get_yaml_loader.bounded = True  # type: ignore[attr-defined]
    module.get_yaml_loader = get_yaml_loader


def require_file(what: str, path: Path) -> None:
    """Raise ValueError if a path names a pipe, a device or a folder, where reading may not end.

    A missing file is left to its reader.
    """
    try:
        other = backend.kind(path)
    except OSError:
        return
    if other:
        raise ValueError(f"{what}: {path} is a {other}, not a file; give a file")


def refuse_long(words: Sequence[str]) -> None:
    """Raise ValueError if an override lists more values than Hydra's grammar reads in seconds."""
    for text in words:
        count = text.count(",") + 1
        if count > LISTED:
            raise ValueError(
                f"{text.partition('=')[0][:80]}: lists {count:,} values, more than {LISTED:,}; "
                "write a range(), or the configurations into a file for search=list"
            )
