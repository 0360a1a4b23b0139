"""conf/strategy says what the strategy's own file says: names, defaults, bounds."""

import ast
import importlib
import pkgutil
import re
from pathlib import Path

import pytest
import yaml

import kernels.panel_strategies
import kernels.strategies
from kernels.registry import load as load_strategy

CONF = Path(__file__).parents[2] / "conf"
NAMES = [m.name for m in pkgutil.iter_modules(kernels.strategies.__path__)]
PANEL_NAMES = [m.name for m in pkgutil.iter_modules(kernels.panel_strategies.__path__)]


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


def load(name):
    return importlib.import_module(f"kernels.strategies.{name}")


def test_every_strategy_has_its_yaml():
    """And there is one for a module of the user's own."""
    assert {path.stem for path in (CONF / "strategy").glob("*.yaml")} == {
        *NAMES,
        *PANEL_NAMES,
        "custom",
    }


def flat(params, prefix=""):
    """Nested YAML params by field name: weights: {rsi: 1} is weights__rsi."""
    out = {}
    for key, value in params.items():
        nested = isinstance(value, dict)
        out.update(flat(value, f"{prefix}{key}__") if nested else {prefix + key: value})
    return out


def test_yaml_says_what_the_file_says(name):
    module = load(name)
    text = (CONF / "strategy" / f"{name}.yaml").read_text()
    assert text.startswith("# @package _global_\n")
    conf = yaml.safe_load(text)
    assert {"strategy", "params"} <= set(conf) <= {"strategy", "params", "risk", "size", "fill"}
    strategy = conf["strategy"]
    assert set(strategy) == {"name", "module", "direction", "constraint", "space"}
    assert (strategy["name"], strategy["module"]) == (name, module.__name__)
    assert strategy["direction"] in ("long", "short", "both")
    params, defaults = flat(conf["params"]), module.Params()._asdict()
    assert params == defaults
    assert list(map(type, params.values())) == list(map(type, defaults.values()))
    if strategy["constraint"] is not None:
        used = {n.id for n in ast.walk(ast.parse(strategy["constraint"])) if hasattr(n, "id")}
        assert used <= set(defaults)
        assert eval(strategy["constraint"], {}, defaults)  # our own file, ours to run


def test_space_lies_within_the_limits(name):
    module = load(name)
    space = yaml.safe_load((CONF / "strategy" / f"{name}.yaml").read_text())["strategy"]["space"]
    assert set(space) <= set(module.Params._fields)
    for field, sweep in space.items():
        values = [float(v) for v in re.findall(r"-?\d+\.?\d*", sweep)]
        if sweep.startswith("range("):
            assert all(v.is_integer() for v in values), "fractional steps surprise: list them"
            values = list(range(*map(int, values)))
        lowest, highest = module.LIMITS.get(field, (None, None))
        assert len(values) > 1
        assert lowest is None or min(values) >= lowest
        assert highest is None or max(values) <= highest


@pytest.mark.parametrize("path", sorted((CONF / "experiment").glob("*_grid.yaml")), ids=str)
def test_grids_sweep_params_of_their_strategy(path):
    conf = yaml.safe_load(path.read_text())
    ((_, strategy),) = conf["defaults"][0].items()
    fields = {f"params.{field.replace('__', '.')}" for field in load(strategy).Params._fields}
    assert set(conf["hydra"]["sweeper"]["params"]) <= fields
    assert conf["name"] == path.stem.replace("_", "-")


@pytest.mark.parametrize("name", sorted({*PANEL_NAMES} - {"ranking", "sleeves"}))
def test_yaml_of_a_panel_strategy_says_what_the_file_says(name):
    conf = yaml.safe_load((CONF / "strategy" / f"{name}.yaml").read_text())
    strategy = load_strategy(name)
    assert conf["strategy"]["module"] == strategy.module
    assert flat(conf["params"]) == strategy.defaults
    assert set(conf["strategy"]["space"]) <= set(strategy.fields)


def test_yaml_of_sleeves_says_what_any_mix_starts_with():
    conf = yaml.safe_load((CONF / "strategy" / "sleeves.yaml").read_text())
    mix = load_strategy("sleeves(a=sma,b=rsi)")
    assert conf["params"] == {name: mix.defaults[name] for name in ("cadence", "transfer_cost")}
