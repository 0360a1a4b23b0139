"""The strategies that can be run by name: their rule, parameters, bounds and default space.

A strategy's file says what it takes; the YAML of its name in conf/strategy says over which values
a sweep goes unless told otherwise.
"""

import importlib
import inspect
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import yaml

from kernels.registry import CONTRACTS, FOLDER, PANEL_FOLDER, load, names, panel_names
from store.errors import UnknownReference
from store.files.plug_ins import did_you_mean

CONF = Path(__file__).resolve().parents[2] / "conf" / "strategy"


def strategies() -> list[dict[str, object]]:
    """Every strategy of the two folders of kernels, by name: see `strategy`."""
    return [strategy(name) for name in (*names(), *panel_names())]


def strategy(name: str) -> dict[str, object]:
    """One strategy, as plain values.

    Returns:
        `name`, `module`, `contract` (code or weight: bars of one symbol; score: a universe; pair:
        two symbols of one; sleeves: several strategies), `summary` and
        `docs` of its file; `params`, each with `type`, `default`, `low` and `high` (None: open),
        empty where words such as `params.weights.rsi` make them; `columns` that its bars need
        next to prices; `space`, `constraint` and `direction` of its
        YAML, empty without one.

    Raises:
        UnknownReference: no strategy of the folders has that name; the message lists near ones.
    """
    every = (*names(), *panel_names())
    if name not in every:
        hint = did_you_mean(name, every, cutoff=0.4)
        raise UnknownReference(f"{name[:60]}: is no strategy; {hint}")
    folder = FOLDER if name in names() else PANEL_FOLDER
    module, conf = importlib.import_module(f"{folder}.{name}"), _conf(name)
    docs = inspect.cleandoc(module.__doc__ or "")
    return {
        "name": name,
        "module": module.__name__,
        "contract": _contract(module),
        "summary": docs.partition("\n")[0],
        "docs": docs,
        **_takes(module),
        "space": dict(conf.get("space") or {}),
        "constraint": conf.get("constraint"),
        "direction": conf.get("direction", "long"),
    }


def _contract(module: ModuleType) -> str:
    """Contract by the function that the file has; sleeves have none of their own."""
    own = (contract for name, contract in CONTRACTS.items() if hasattr(module, name))
    return next(own, "sleeves")


def _takes(module: ModuleType) -> dict[str, object]:
    """Parameters and columns; none of a file that makes them of the words in a sweep."""
    try:
        strategy = load(module.__name__)
    except ValueError:
        if not (hasattr(module, "declare") or hasattr(module, "members_of")):
            raise
        return {"params": {}, "columns": []}
    params = {
        field: {
            "type": strategy.types[field].__name__,
            "default": strategy.defaults[field],
            "low": strategy.limits[field][0],
            "high": strategy.limits[field][1],
        }
        for field in strategy.fields
    }
    return {"params": params, "columns": list(strategy.columns)}


def _conf(name: str) -> Mapping[str, Any]:
    """The part `strategy` of its YAML; empty where there is none."""
    path = CONF / f"{name}.yaml"
    if not path.is_file():
        return {}
    part: Mapping[str, object] = yaml.safe_load(path.read_text(encoding="utf-8"))["strategy"]
    return part
