"""Plans for tests: small synthetic bars, sma, no Hydra."""

from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import OmegaConf

from store.data import load
from sweeper.config.schema import Config, register, typed
from sweeper.plan.cell import build_cell, data_spec
from sweeper.plan.plan import build_plan

register()  # the schema that `typed` compares keys with

DATA = {"source": "synthetic", "kind": ["trend", "garch"], "bars": 400, "seed": 1}
STRATEGY = {"name": "sma", "module": "sma", "constraint": "fast < slow"}
GRID = ("params.fast=range(2,12)", "params.slow=range(4,24,2)")


def make_cell(*sweeps, pinned=(), **sections):
    """A cell of sma; sections are merged over the defaults of the config."""
    register()
    own = {"strategy": STRATEGY, "data": DATA, **sections}
    own["strategy"] = STRATEGY | own["strategy"]
    config = typed(OmegaConf.merge(OmegaConf.structured(Config), own))
    overrides = OverridesParser.create().parse_overrides(list(sweeps))
    return build_cell(config, overrides, (), pinned)


def make_plan(*cells):
    """A plan of cells, in blocks of one point."""
    return build_plan(cells, [load(data_spec(cell.config)) for cell in cells])
