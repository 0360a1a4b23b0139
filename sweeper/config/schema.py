"""The composed config: its schema for Hydra, and the checks that no schema can express."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from hydra.core.config_search_path import ConfigSearchPath
from hydra.core.config_store import ConfigStore
from hydra.core.plugins import Plugins
from hydra.plugins.search_path_plugin import SearchPathPlugin
from omegaconf import MISSING, DictConfig, OmegaConf

from store.files.backend import default_root
from store.files.foreign_text import BREAKS, check_printable, strings
from store.records.holdout import read_holdout
from sweeper.config.bounded import guard_configs
from sweeper.config.closest_word import closest_word
from sweeper.config.known_keys import refuse_unread
from sweeper.config.orders import CostsConfig, FillConfig, RiskConfig, SizeConfig
from sweeper.config.overrides import refuse_converted
from sweeper.config.refusals import refuse_unresolved, reworded
from sweeper.config.search import SearchConfig

CONF = Path(__file__).resolve().parents[2] / "conf"
"""The folder of Hydra's YAML files."""

SEARCH = {"kind": "grid", "n": None, "seed": 0, "metric": "sharpe", "mode": None, "prune": None}
SEARCH |= {"require": None}


def _open(**defaults: Any) -> Any:
    """A node that accepts keys the schema does not know: strategy, source or split checks them."""
    return OmegaConf.create(defaults, flags={"struct": False})


@dataclass
class StrategyConfig:
    """Which rule, and the default ranges of its parameters."""

    name: str = MISSING
    module: str = MISSING
    direction: str = "long"
    constraint: str | None = None
    space: dict[str, str] = field(default_factory=dict)
    allow_look_ahead: bool = False
    features: dict[str, str] = field(default_factory=dict)
    members: dict[str, str] = field(default_factory=dict)


@dataclass
class PortfolioConfig:
    """Rebalances and weights of a universe; see kernels.portfolio.settings.PanelSettings."""

    cadence: Any = "month"
    weighting: str = "equal"
    cap: float | None = None
    volatility_bars: int = 63
    delisting_return: float = 0.0
    rank_ic: bool = False


@dataclass
class RayConfig:
    """Settings that start the `ray` executor or find Ray."""

    address: str | None = None
    num_cpus: int | None = None
    workers: int | None = None
    max_workers: int | None = None
    dashboard: bool = False
    install: bool = False
    namespace: str | None = None
    resources: Any = field(default_factory=_open)  # checked by sweeper.executors.ray.needs
    labels: Any = field(default_factory=_open)


@dataclass
class LocalConfig:
    """Settings of the `local` executor."""

    workers: int | None = None


@dataclass
class StoreConfig:
    """Where results are kept."""

    root: str = "results"


@dataclass
class Config:
    """One backtest; a sweep is many of them."""

    strategy: StrategyConfig = field(default_factory=StrategyConfig)
    params: Any = field(default_factory=_open)
    data: Any = field(default_factory=_open)
    risk: RiskConfig = field(default_factory=RiskConfig)
    costs: CostsConfig = field(default_factory=CostsConfig)
    portfolio: PortfolioConfig = field(default_factory=PortfolioConfig)
    size: SizeConfig = field(default_factory=SizeConfig)
    search: Any = field(default_factory=lambda: _open(**SEARCH))  # a SearchConfig once `typed`
    split: Any = field(default_factory=lambda: _open(kind="full"))
    ray: RayConfig = field(default_factory=RayConfig)
    local: LocalConfig = field(default_factory=LocalConfig)
    store: StoreConfig = field(default_factory=StoreConfig)
    user: Any = field(default_factory=_open)  # keys of the user's own, which nothing here reads
    name: str = "sweep"
    description: str = ""
    hypothesis: str = ""
    tags: list[str] = field(default_factory=list)
    metrics: list[str] = field(default_factory=list)
    fill: Any = field(default_factory=lambda: _open(**asdict(FillConfig())))  # or its `when` alone
    initial_capital: float = 10_000.0
    risk_free: float = 0.0
    holdout: Any = 0.2  # a fraction, or an ISO date as a text
    executor: str = "auto"
    force: bool = False
    time_limit: float | None = None
    dry_run: bool = False
    report: bool = False
    output: str = "table"


def register() -> None:
    """Give Hydra the schema under the name that conf/config.yaml asks for first."""
    ConfigStore.instance().store(name="schema", node=Config)
    guard_configs()


class OurFiles(SearchPathPlugin):
    """Our `conf` at the end of Hydra's search path, where `--config-path` names another first."""

    def manipulate_search_path(self, search_path: ConfigSearchPath) -> None:
        """Append it; Hydra looks there last."""
        search_path.append("sweeper", str(CONF))


def register_files() -> None:
    """Have every Hydra of this process find our files: for our own command line only."""
    Plugins.instance().register(OurFiles)


def typed(composed: DictConfig) -> Config:
    """The composed config as plain dataclasses, interpolations resolved.

    Raises:
        ValueError: a value outside its choices, or a holdout that leaves no history.
    """
    if OmegaConf.get_type(composed) is not Config:
        raise ValueError("the config is not built on Sweeper's: begin its defaults with `- config`")
    refuse_unread(composed)
    refuse_unresolved(composed)
    with reworded():
        config = OmegaConf.to_object(composed)
    assert isinstance(config, Config)
    config.store.root = config.store.root or default_root()  # SWEEPER_ROOT may be empty
    for part in ("params", "data", "search", "split", "user"):
        if not isinstance(getattr(config, part), dict):
            raise ValueError(
                f"{part}: has keys of its own, which are set one by one: {part}.KEY=VALUE, "
                f"got {getattr(config, part)!r}"
            )
    config.fill = FillConfig.of(config.fill)
    refuse_converted(config.data)
    for tag in config.tags:
        _check_tag(tag)
    for key, keep in (("name", ""), ("tags", ""), ("description", BREAKS), ("hypothesis", BREAKS)):
        for _, words in strings(getattr(config, key)):
            check_printable(words, key, keep)
    one_of("executor", config.executor, ("auto", "inline", "local", "ray"))
    one_of("output", config.output, ("table", "json", "none"))
    config.search = SearchConfig.of({**SEARCH, **config.search})
    if config.time_limit is not None and not config.time_limit > 0:
        raise ValueError(f"time_limit: must be above 0 seconds or null, got {config.time_limit:g}")
    config.holdout = read_holdout(config.holdout)
    return config


def _check_tag(tag: object) -> None:
    if tag is None:
        raise ValueError(
            "tags: a tag is a word, got null; quote it where the word is meant: 'null'"
        )
    if not isinstance(tag, str) or not tag.strip():
        raise ValueError(f"tags: a tag is a word, got {tag!r}; write tags=[word,other]")


def one_of(key: str, value: str, choices: Sequence[str]) -> None:
    """Raise ValueError unless `value` is one of the choices of `key`."""
    if value not in choices:
        near = closest_word(value, choices)
        hint = f"; did you mean {near}?" if near else ""
        raise ValueError(f"{key}: must be one of {', '.join(choices)}, got {value!r}{hint}")
