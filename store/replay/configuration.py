"""Configurations of a strategy: numbers, parameters, settings and hashes in one place.

A sweep has them as rows of numbers, a store as columns of its runs, a profile as YAML. All of them
become `Configurations`, which say what the kernels are to run and what it hashes to.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from kernels import KERNEL_VERSION, Settings
from kernels.jit.array_types import Bytes, Floats
from kernels.portfolio.settings import RISK, PanelSettings, settings_from, with_numbers
from kernels.registry import Strategy
from kernels.registry import load as load_strategy
from store.files.canonical import hash_runs
from store.files.order_keys import field_of
from store.records.group import GroupRecord, Setting
from store.records.run_row import RunRow
from store.replay.trusted import require_known
from store.runs.columns import PARAMS, SETTINGS


class HashedBars(NamedTuple):
    """Bars that a configuration is run on, as its hash covers them.

    Attributes:
        symbol: of them.
        timeframe: of them.
        fingerprint: of all bars that were loaded.
        first: time of the first bar of the window.
        last: time of its last bar.
    """

    symbol: str
    timeframe: str
    fingerprint: str
    first: str
    last: str


@dataclass(frozen=True, eq=False)
class Configurations:
    """Configurations of one strategy that share all settings which are no numbers.

    Attributes:
        strategy: as its file is now.
        names: (d,) keys of the numbers in the config: `params.fast`, `risk.stop_loss`.
        numbers: (n, d); NaN is off.
        shared: the other settings, by field of `Settings`.
    """

    strategy: Strategy
    names: Sequence[str]
    numbers: Floats
    shared: Mapping[str, object]

    @property
    def params(self) -> Floats:
        """(n, p) parameters, in the order of the strategy's fields."""
        return self.numbers[:, [self.names.index(key) for key in param_keys(self.strategy)]]

    @property
    def own_settings(self) -> dict[str, Floats]:
        """Settings that may differ, (n,) by field: all numbers but the parameters."""
        fields = {
            field_of(key): self.numbers[:, column]
            for column, key in enumerate(self.names)
            if not key.startswith(PARAMS)
        }
        if "cadence" not in self.shared:
            return fields
        return {name: values for name, values in fields.items() if name not in RISK}

    @property
    def common_settings(self) -> Settings | PanelSettings:
        """The settings without the numbers of one's own."""
        return settings_from(self.shared)

    @property
    def settings(self) -> Settings | PanelSettings:
        """All settings: numbers where there is one configuration, else (n,) arrays."""
        if len(self.numbers) != 1:
            return with_numbers(self.common_settings, self.own_settings)
        own = {name: float(values[0]) for name, values in self.own_settings.items()}
        off = {name: None for name, value in own.items() if np.isnan(value)}
        return with_numbers(self.common_settings, own | off)

    def hashes(self, bars: HashedBars) -> Bytes:
        """(n, 32) config hashes: of everything that determines a run's numbers."""
        context = {
            **self._identity,
            "symbol": bars.symbol,
            "timeframe": bars.timeframe,
            "data": bars.fingerprint,
            "window": [bars.first, bars.last],
            "kernel": KERNEL_VERSION,
        }
        return hash_runs(context, self.names, self.numbers)

    def params_hashes(self) -> Bytes:
        """(n, 32) hashes of strategy and parameters only: the same idea on any data."""
        keys = param_keys(self.strategy)
        return hash_runs({"strategy": self.strategy.name}, keys, self.params)

    def tried_hashes(self) -> Bytes:
        """(n, 32) hashes of what the ledger counts: source, parameters and settings."""
        return hash_runs(self._identity, self.names, self.numbers)

    @property
    def _identity(self) -> dict[str, object]:
        return {
            "strategy": self.strategy.name,
            "source": self.strategy.source_hash,
            "settings": self.shared,
        }


def param_names(strategy: Strategy) -> list[str]:
    """Names of a strategy's parameters as runs have them, in the order of its fields."""
    return [field.replace("__", ".") for field in strategy.fields]


def param_keys(strategy: Strategy) -> list[str]:
    """Keys of a strategy's parameters in the config, in the order of its fields."""
    return [PARAMS + name for name in param_names(strategy)]


def one_of(
    strategy: Strategy, numbers: Mapping[str, float | None], shared: Mapping[str, object]
) -> Configurations:
    """One configuration by its numbers; None is off."""
    row = [np.nan if number is None else number for number in numbers.values()]
    return Configurations(strategy, list(numbers), np.array([row], np.float64), shared)


def of_run(group: GroupRecord, run: RunRow, source: str) -> Configurations:
    """The configuration of a stored run.

    Args:
        group: of the run.
        run: as it is stored.
        source: the experiment, for the message.

    Raises:
        StoreError: a strategy that may not be imported.
    """
    strategy = stored_strategy(group, source)
    params = {PARAMS + name: run["params"][name] for name in param_names(strategy)}
    numbers = {k: v for k, v in _settings_numbers(group, run).items() if k in group.fixed}
    return one_of(strategy, numbers | params, group.settings)


def of_columns(
    group: GroupRecord, column: Callable[[str, float | None], Floats], n: int, source: str
) -> Configurations:
    """Configurations of a group.

    Args:
        group: their group.
        column: gives (n,) of a number, by its key and the value that the group has for it.
        n: how many they are.
        source: the experiment, for the message.
    """
    strategy = stored_strategy(group, source)
    columns = [column(name, fixed) for name, fixed in group.fixed.items()]
    numbers = np.column_stack(columns) if columns else np.empty((n, 0))
    return Configurations(strategy, list(group.fixed), numbers, group.settings)


def stored_strategy(group: GroupRecord, source: str) -> Strategy:
    """The strategy of a group, as its file is now.

    Raises:
        StoreError: one that may not be imported because something stored names it.
    """
    require_known(group.module, source)
    return load_strategy(group.module)


def settings_of(group: GroupRecord, run: RunRow) -> dict[str, Setting]:
    """The settings of a run: what its group shares, then its own numbers; None is off."""
    numbers = _settings_numbers(group, run)
    return {**group.settings, **{field_of(name): value for name, value in numbers.items()}}


def _settings_numbers(group: GroupRecord, run: RunRow) -> dict[str, float | None]:
    fixed = {name: value for name, value in group.fixed.items() if not name.startswith(PARAMS)}
    return fixed | {n: value for n, value in run["settings"].items() if n.startswith(SETTINGS)}
