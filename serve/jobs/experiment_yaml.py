"""An experiment's YAML, as conf/experiment has them, in the words of the command line."""

from collections.abc import Iterator, Mapping

import yaml

from serve.problems import Problem
from store.commands import literal

SWEPT = ("hydra", "sweeper", "params")


def yaml_words(text: str) -> list[str]:
    """Overrides that say what a YAML says.

    Args:
        text: keys of the config, `defaults` that choose groups, swept values below
            `hydra.sweeper.params`.

    Raises:
        Problem: it is no such YAML.
    """
    try:
        read = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = " ".join(str(error).split())[:200]
        raise Problem(422, f"experiment: is no YAML that can be read: {line}") from error
    if not isinstance(read, Mapping) or not read:
        raise Problem(422, "experiment: needs keys of the config, such as name, and hydra.sweeper")
    own = dict(read)
    words = [*_defaults(own.pop("defaults", []))]
    hydra = own.pop("hydra", {})
    swept = _inside(hydra)
    words += [f"{key}={literal(value)}" for key, value in _flat(own, "") if key not in swept]
    words += [f"{key}={_values(key, value)}" for key, value in swept.items()]
    return words


def _defaults(listed: object) -> Iterator[str]:
    """Groups that are chosen: `- override /strategy: rsi` and `- strategy: rsi`."""
    if not isinstance(listed, list):
        raise Problem(422, "experiment: defaults is a list, such as [override /strategy: rsi]")
    for each in listed:
        if each == "_self_":
            continue
        if not isinstance(each, Mapping) or len(each) != 1:
            raise Problem(422, f"experiment: defaults: cannot read {str(each)[:60]!r}")
        ((group, choice),) = each.items()
        yield f"{str(group).removeprefix('override ').strip().lstrip('/')}={choice}"


def _inside(hydra: object) -> dict[str, object]:
    """The swept values; nothing else of Hydra's own keys is taken."""
    place: object = {"hydra": hydra}
    for name in SWEPT:
        if not isinstance(place, Mapping) or set(place) - {name}:
            raise Problem(422, f"experiment: of hydra only {'.'.join(SWEPT)} may be set over HTTP")
        place = place.get(name, {})
    if not isinstance(place, Mapping):
        raise Problem(422, f"experiment: {'.'.join(SWEPT)} needs keys and their values")
    return {str(key): value for key, value in place.items()}


def _flat(values: Mapping[str, object], prefix: str) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _values(key: str, value: object) -> str:
    """Swept values: text of the override grammar, or a number."""
    if isinstance(value, Mapping | list):
        raise Problem(422, f"experiment: {key}: write its values as text, such as 5,10,20")
    return value if isinstance(value, str) else literal(value)
