"""A cell: one composed config, and the numbers that are swept over it without composing again."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from hydra.core.override_parser.types import Override

from kernels import Settings
from kernels.engine.settings import DIRECTIONS
from kernels.params import check_params
from kernels.portfolio.settings import PanelSettings
from kernels.registry import Strategy, load
from store.data import DataSpec
from store.files.order_keys import NUMBERS, OPTIONAL, WHOLE, field_of
from store.files.plug_ins import did_you_mean
from sweeper.config.number_hint import number
from sweeper.config.schema import Config, one_of
from sweeper.config.search import SearchConfig
from sweeper.config.sense import doubts, keyed, sense_of
from sweeper.plan.custom_metrics import OwnMetric, load_metrics
from sweeper.plan.paired_points import paired_rows, paired_search
from sweeper.plan.panel_cell import (
    kernel_metrics,
    panel_settings,
    refuse_for_panel,
    strategy_name,
)
from sweeper.plan.proposals import Proposals
from sweeper.plan.setting_numbers import setting_numbers
from sweeper.plan.setting_words import words
from sweeper.search import Learner, Search, random
from sweeper.search import plan as plan_search
from sweeper.space.axes import Axis, Choices, Floats
from sweeper.space.constraint import Constraint
from sweeper.space.override_grammar import axis_from_override, axis_from_text
from sweeper.space.simplex import Simplex
from sweeper.space.simplex import entries as entries_of
from sweeper.space.space import Space
from sweeper.space.zip_values import Pair

COSTS = ("costs.commission", "costs.slippage")
SETTINGS = NUMBERS
"""Settings that may differ between the configurations of a cell; the rest are composed."""

SAMPLE = 4096
"""Random points that stand in for those of a learner, which are not proposed yet."""


@dataclass(frozen=True, eq=False)
class Cell:
    """One composed config with its strategy and its space of numbers.

    Attributes:
        overrides: what tells this cell from its siblings, as `key=value`.
        fixed: every number of a configuration by its config path (`params.fast`,
            `risk.stop_loss`, ...); NaN is off. Unswept, these are the baseline.
        space: the axes, named the same.
        own_metrics: metrics of the user's own, next to those of the kernels.
        rows: configurations listed in a file, or that set numbers in pairs, (n, axes) with columns
            as the axes of `space`; else None.
        nonsense: why no configuration of it makes sense; "" where some do.
    """

    overrides: tuple[str, ...]
    config: Config
    strategy: Strategy
    fixed: Mapping[str, float]
    space: Space
    own_metrics: tuple[OwnMetric, ...] = ()
    rows: Floats | None = None
    nonsense: str = ""

    @property
    def metrics(self) -> tuple[str, ...]:
        """Names of all metrics of a run, in the order of their columns."""
        return (*kernel_metrics(self.strategy), *(metric.column for metric in self.own_metrics))

    @property
    def names(self) -> tuple[str, ...]:
        """Config paths of a configuration's numbers, in the order of its columns."""
        return tuple(self.fixed)

    @property
    def params(self) -> tuple[str, ...]:
        """The parameters of the strategy among `names`, in its own order."""
        return tuple(name for name in self.fixed if name not in SETTINGS)

    @property
    def settings_names(self) -> tuple[str, ...]:
        """The settings among `names`."""
        return tuple(name for name in self.fixed if name in SETTINGS)

    @cached_property
    def search(self) -> Search:
        """The points of the space, as the config's search chooses them; a learner's are unknown."""
        chosen = self._choice()
        if isinstance(chosen, Learner):
            return Proposals.of(chosen, len(self.space.axes))
        return chosen

    def learner(self) -> Learner | None:
        """A learner that knows nothing yet, if that is what chooses the points."""
        chosen = self._choice()
        return chosen if isinstance(chosen, Learner) else None

    def _choice(self) -> Search | Learner:
        chosen: SearchConfig = self.config.search
        if self.rows is not None and chosen.kind != "list":
            return paired_search(chosen.kind, self.space, self.rows, chosen.n, chosen.seed)
        return plan_search(chosen.kind, self.space, {**chosen.given(), "rows": self.rows})

    @cached_property
    def sample(self) -> Search:
        """Points to try before anything is run: the search's own, or random ones for a learner."""
        if not isinstance(self.search, Proposals):
            return self.search
        n = min(SAMPLE, self.search.budget)
        return random.make(self.space, n=n, seed=self.config.search.seed)

    @cached_property
    def baseline(self) -> Floats:
        """The strategy's defaults, (1, d), columns as `names`; (0, d) if the constraint bars it."""
        row = np.array([list(self.fixed.values())])
        return row if self.space.fixed_is_valid else row[:0]

    @property
    def baseline_in_space(self) -> bool:
        """True when the baseline lies in the space, or is an entry of the list that is run."""
        if not len(self.baseline):
            return False
        point = self.baseline[0, [self.names.index(axis.name) for axis in self.space.axes]]
        if self.rows is not None:
            return any(np.array_equal(row, point, equal_nan=True) for row in self.rows)
        return self.space.contains(point)

    def numbers(self, points: Floats) -> Floats:
        """Points of the space (n, axes) as whole configurations (n, d), columns as `names`."""
        rows = np.tile(np.array(list(self.fixed.values())), (len(points), 1))
        for column, axis in enumerate(self.space.axes):
            rows[:, self.names.index(axis.name)] = points[:, column]
        return rows

    def settings(self, periods_per_year: float) -> Settings | PanelSettings:
        """The settings all configurations share; the swept ones are replaced per block."""
        config = self.config
        if self.strategy.of_panel:
            return panel_settings(config, self.fixed, periods_per_year)
        own: dict[str, Any] = {name: self.fixed[name] for name in self.settings_names}
        if not self.space.fixed_is_valid:  # no configuration has all of these
            own = {n: np.nan if n.startswith("risk.") and n in OPTIONAL else own[n] for n in own}
        settings = Settings(
            direction=config.strategy.direction,
            **words(config),
            initial_capital=config.initial_capital,
            periods_per_year=periods_per_year,
            risk_free=config.risk_free,
            **{field_of(name): value for name, value in own.items()},
        )
        with keyed():
            settings.check()
        return settings

    def words(self, row: Floats) -> str:
        """A configuration (d,) as people say it: the strategy and what is swept."""
        swept = {axis.name for axis in self.space.axes}
        pairs = zip(self.names, row, strict=True)
        texts = [
            f"{name.removeprefix('params.')}={value:g}" for name, value in pairs if name in swept
        ]
        return " ".join([self.strategy.name, *texts])


def build_cell(
    config: Config,
    swept: Sequence[Override],
    overrides: Sequence[str],
    pinned: Collection[str],
    listed: Sequence[Mapping[str, float]] | None = None,
    paired: Sequence[Sequence[Pair]] = (),
    simplexes: Sequence[Simplex] = (),
) -> Cell:
    """Check a composed config against its strategy and give it its space.

    Args:
        config: composed without the sweeps of numbers.
        swept: those sweeps; when none is of a parameter, the strategy's own `space` is used.
        overrides: what tells this cell from its siblings.
        pinned: config paths that are set to one value: out of the strategy's space.
        listed: configurations by config path, NaN for null; their numbers are then the space.
        paired: groups of entries, each of which sets some numbers together.
        simplexes: weights that add to 1.

    Raises:
        ValueError: an unknown strategy, parameter or constraint, or a value out of its limits.
    """
    own = load_metrics(config.metrics)
    weighed = [path for simplex in simplexes for path in simplex.over]
    strategy = load(strategy_name(config, swept, weighed))
    every = [*kernel_metrics(strategy), *(metric.column for metric in own)]
    for goal in config.search.goals:
        one_of("search.metric", goal.metric, every)
    config.search.require.check_metrics(every)
    if strategy.of_panel:
        refuse_for_panel(config, strategy)
    field_of_path = {param_path(field): field for field in strategy.fields}
    given = {f"params.{name}": value for name, value in flatten(config.params).items()}
    paths = [override.get_key_element().lstrip("+") for override in swept]
    search: SearchConfig = config.search
    divided = [
        entries_of(each, [*field_of_path], search.kind, search.n, search.seed) for each in simplexes
    ]
    paired = [*paired, *divided]
    entries = [*(listed or ()), *(entry for group in paired for entry in group)]
    own_paths = list(dict.fromkeys(path for entry in entries for path in entry))
    for path in (*given, *paths, *own_paths):
        _require_known(strategy.name, path, field_of_path)
    _require_known_space(config, strategy.name, field_of_path)
    if listed is not None and (paths or paired):
        swept_path = [*paths, *own_paths][0]
        raise ValueError(f"{swept_path}: is swept, but search=list runs its entries; drop one")
    fixed = _params(strategy, field_of_path, given) | setting_numbers(config, [*paths, *own_paths])
    if listed is None:
        own_space = not any(path in field_of_path for path in (*paths, *own_paths))
        axes = _swept_axes(config, swept, paths, strategy, field_of_path)
        axes += _own_space(config, strategy, field_of_path, pinned) if own_space else []
        rows = None
        if paired:
            own_paths, rows = paired_rows(paired, axes, fixed)
    else:
        rows = np.array([[row.get(path, fixed[path]) for path in own_paths] for row in listed])
    if rows is not None:
        columns = zip(own_paths, rows.T, strict=True)
        axes = [_listed_axis(path, values, strategy, field_of_path) for path, values in columns]
    by_risk = config.size.kind == "risk" and strategy.levels is None
    fixed |= _needed(fixed, axes, by_risk)
    direction = config.strategy.direction
    one_of("strategy.direction", direction, DIRECTIONS)
    for axis in axes:
        _check_ends(strategy, field_of_path, fixed, axis, config)
    text = config.strategy.constraint
    constraint = Constraint(text, "strategy.constraint") if text else None
    if constraint is not None:
        constraint.check_names(
            [path.removeprefix("params.") for path in (*field_of_path, *SETTINGS)]
        )
    sense, nonsense = sense_of(direction, fixed, axes, rows, by_risk=by_risk)
    doubted = doubts(fixed, axes, config.risk.unit)
    space = Space(tuple(axes), constraint, fixed, sense, doubted)
    return Cell(tuple(overrides), config, strategy, fixed, space, own, rows, nonsense)


def data_spec(config: Config) -> DataSpec:
    """Specification of the bars that a config asks for."""
    return DataSpec.from_config(dict(config.data))


def param_path(field: str) -> str:
    """Where a field of a strategy's Params is set in the config: a double underscore is a dot."""
    return f"params.{field.replace('__', '.')}"


def flatten(tree: Mapping[str, object], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one, the keys joined by dots."""
    flat: dict[str, object] = {}
    for key, value in tree.items():
        path = f"{prefix}{key}"
        flat |= flatten(value, f"{path}.") if isinstance(value, Mapping) else {path: value}
    return flat


def _require_known(strategy: str, path: str, paths: Collection[str]) -> None:
    if path in paths or path in SETTINGS:
        return
    has = f"it has {', '.join(paths) or 'none'}"
    hint = did_you_mean(path, paths, has, most=1, cutoff=0.6)
    raise ValueError(f"{path}: strategy {strategy} has no such parameter; {hint}")


def _require_known_space(config: Config, strategy: str, paths: Collection[str]) -> None:
    """Raise ValueError for a range of `strategy.space` that is of none of the parameters."""
    for name in flatten(config.strategy.space):
        if param_path(name) not in paths:
            has = f"it has {', '.join(paths) or 'none'}"
            raise ValueError(
                f"strategy.space.{name}: strategy {strategy} has no such parameter; "
                + did_you_mean(param_path(name), paths, has, most=1, cutoff=0.6)
            )


def _params(
    strategy: Strategy, field_of_path: Mapping[str, str], given: Mapping[str, object]
) -> dict[str, float]:
    """The strategy's parameters by config path: as given, else its defaults; checked."""
    who = f"strategy {strategy.name}"
    values = {
        path: given.get(path, strategy.defaults[field]) for path, field in field_of_path.items()
    }
    numbers = {path: number(path, value, who) for path, value in values.items()}
    check_params(strategy, np.array([list(numbers.values())]))
    return numbers


def _axis(
    override: Override, path: str, strategy: Strategy, field_of_path: Mapping[str, str], seed: int
) -> Axis:
    integer = strategy.types[field_of_path[path]] is int if path in field_of_path else path in WHOLE
    return axis_from_override(override, integer=integer, optional=path in OPTIONAL, seed=seed)


def _swept_axes(
    config: Config,
    swept: Sequence[Override],
    paths: Sequence[str],
    strategy: Strategy,
    field_of_path: Mapping[str, str],
) -> list[Axis]:
    """The axes of the sweeps of numbers."""
    seed = config.search.seed
    return [_axis(*pair, strategy, field_of_path, seed) for pair in zip(swept, paths, strict=True)]


def _listed_axis(
    path: str, values: Floats, strategy: Strategy, field_of_path: Mapping[str, str]
) -> Axis:
    """The axis of the values that listed or paired entries give to one number."""
    if path not in OPTIONAL and np.isnan(values).any():
        raise ValueError(f"{path}: must be a number, got null")
    whole = strategy.types[field_of_path[path]] is int if path in field_of_path else path in WHOLE
    return Choices(path, np.unique(values), integer=whole)


def _check_ends(
    strategy: Strategy,
    field_of_path: Mapping[str, str],
    fixed: Mapping[str, float],
    axis: Axis,
    config: Config,
) -> None:
    """Raise ValueError when a value of an axis would be out of the limits of what it sets."""
    ends = axis.ends()
    if axis.name in field_of_path:
        table = np.tile([fixed[path] for path in field_of_path], (len(ends), 1))
        table[:, list(field_of_path).index(axis.name)] = ends
        check_params(strategy, table)
    else:
        name = field_of(axis.name)
        # With a stop, and a target on both sides: what makes no sense together is left out later.
        own: dict[str, Any] = {"stop_loss": 0.1, "risk_unit": config.risk.unit}
        if name in ("pyramiding", "add_at"):
            own |= {"pyramiding": 1, "add_at": 0.1}
        if name == "size_value":
            own["size"] = config.size.kind
        sides = "both" if name == "take_profit" else config.strategy.direction
        with keyed():
            Settings(direction=sides, **(own | {name: ends})).check()


def _needed(fixed: Mapping[str, float], axes: Sequence[Axis], by_risk: bool) -> dict[str, float]:
    """Numbers that a baseline cannot do without, where they are swept and not set: the first."""
    stops = ("risk.stop_loss",) if by_risk and np.isnan(fixed["risk.trailing_stop"]) else ()
    names = ("size.value", "fill.entry_distance", *stops)
    swept = [axis for axis in axes if axis.name in names and np.isnan(fixed[axis.name])]
    return {axis.name: float(axis.ends()[0]) for axis in swept}


def _own_space(
    config: Config, strategy: Strategy, field_of_path: Mapping[str, str], pinned: Collection[str]
) -> list[Axis]:
    """The axes of the strategy's own `space`, those of fixed parameters left out."""
    axes = []
    for name, text in flatten(config.strategy.space).items():
        path = param_path(name)
        if path not in pinned:
            whole = strategy.types[field_of_path[path]] is int
            axes.append(axis_from_text(path, text, integer=whole, seed=config.search.seed))
    return axes
