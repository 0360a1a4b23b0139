"""Modules that may be imported because a record or a profile names them.

Nothing that is read runs code. A record may come from another store, and a module that it names is
imported, so that its code runs. So only built-in strategies are, and those that this project's own
files name (`conf/strategy`, `modules` of `conf/promote.yaml`) or the command line does
(`--module`); or that this process has imported already, by a person's command.
"""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import yaml

from kernels.panel_strategies.sleeves import members_of
from kernels.registry import names as built_in
from store.errors import StoreError

CONF = Path(__file__).resolve().parents[2] / "conf"
FOLDERS = ("kernels.strategies.", "kernels.panel_strategies.")
"""Of the strategies that are built in."""

_named: set[str] = set()


def trust(modules: Iterable[str]) -> None:
    """Have the modules that the command line names be imported where a record names them."""
    _named.update(modules)


def to_be_named(modules: Iterable[str]) -> list[str]:
    """Strategies' modules, sorted, that a command on their runs has to name: `--module`."""
    own = {plain for module in modules for plain in _plain(module) if not _in_reach(plain)}
    return sorted(own - set(_in_conf()))


def _plain(module: str) -> Iterator[str]:
    """The module itself, or those of the members of sleeves."""
    plain, _, variant = module.partition("(")
    if plain.rpartition(".")[2] == "sleeves" and variant:
        for member in members_of(variant.removesuffix(")")).values():
            yield from _plain(member)
    yield plain


def _in_reach(plain: str) -> bool:
    return not plain or plain in built_in() or plain.startswith(FOLDERS)


def require_known(module: str, source: str) -> None:
    """Refuse a module that something stored names, before it is imported.

    Args:
        module: dotted path, or a variant of it, as `kernels.registry.load` takes it.
        source: what names it, for the message.

    Raises:
        StoreError: neither built in, nor named by this project or the command line.
    """
    for plain in _plain(module):
        if not _in_reach(plain) and not _trusted(plain):
            raise StoreError(
                f"{source}: names the module {plain[:80]!r}, and nothing that is read runs code: "
                "it is not built in, and no file of conf/strategy names it; if you know it, name "
                f"it, as in --module {plain[:80]} before the verb"
            )


def _trusted(module: str) -> bool:
    return module in sys.modules or module in _named or module in set(_in_conf())


def _in_conf() -> Iterator[str]:
    """The modules that this project's configuration names."""
    for path in (*sorted((CONF / "strategy").glob("*.yaml")), CONF / "promote.yaml"):
        try:
            values = yaml.safe_load(path.read_text())
        except (OSError, yaml.YAMLError):
            continue
        if isinstance(values, dict):
            own = values.get("modules")
            yield from map(str, own if isinstance(own, list) else ())
            yield str(values.get("module") or "")
