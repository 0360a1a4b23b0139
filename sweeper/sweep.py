"""A sweep from Python: what `python -m sweeper -m` does, for the same words.

experiment = sweep("strategy=sma", "params.fast=range(5,60)", "params.slow=range(20,260,2)")
Results("results").runs(experiment.id).to_pandas()
"""

from collections.abc import Sequence

from hydra import compose, initialize_config_dir
from hydra.core.global_hydra import GlobalHydra
from hydra.core.override_parser.overrides_parser import OverridesParser
from omegaconf import DictConfig

from store.experiment import Experiment
from sweeper.config import CONF, register
from sweeper.request import parse, request_cells
from sweeper.running import sweep_cells


def sweep(*overrides: str) -> Experiment:
    """Run the experiment that overrides describe, or what is left of it.

    Args:
        overrides: as on the command line, without a shell's quotes: `"params.fast=5,10,20"`,
            `"search=random"`, `"+experiment=demo"`, `"store.root=/data/results"`.

    Returns:
        Its record, `status` done; `store.results.Results(root)` reads its runs by `id`.

    Raises:
        ValueError: bad input, in one line, before anything is written. (Hydra's own HydraException
            for what is no override or no key at all.)
        GaveUp: some blocks killed their worker again and again; all others are done.
        Interrupted: Ctrl-C; what is done stays.
    """
    register()
    with initialize_config_dir(str(CONF), version_base="1.3", job_name="sweeper"):
        parser = OverridesParser.create(config_loader=GlobalHydra.instance().config_loader())
        request = parse([*_of_files(overrides, parser), *overrides], parser)
        cells = [cell for _, cell in request_cells(request, _compose)]
    return sweep_cells(cells, ["python", "-m", "sweeper", "-m", *overrides])


def _compose(texts: Sequence[str], whole: bool = False) -> DictConfig:
    return compose("config", list(texts), return_hydra_config=whole)


def _of_files(overrides: Sequence[str], parser: OverridesParser) -> list[str]:
    """The sweep that an experiment file holds: `hydra.sweeper.params`."""
    fixed = parse(overrides, parser).fixed
    params = _compose(fixed, whole=True).hydra.sweeper.params or {}
    return [f"{key}={value}" for key, value in params.items()]
