"""A profile made ready to run again, from its YAML alone."""

from collections.abc import Mapping

import numpy as np

from kernels import KERNEL_VERSION
from kernels.portfolio.settings import settings_from
from kernels.registry import load as load_strategy
from kernels.series.bars import Series
from promote.profiles.profile import Profile
from store.data import Dataset, DataSpec, load
from store.files.canonical import hash_runs, run_context
from store.files.order_keys import ALWAYS, IDLE, field_of, without_idle
from store.replay.replay import Replay, param_names
from store.replay.trusted import require_known

Span = tuple[int, int]


def bars_of(profile: Profile) -> Dataset:
    """The bars that the profile asks for, as they are now.

    Raises:
        ValueError: they cannot be loaded any more.
    """
    (data,) = load(DataSpec.from_config(profile.data))
    return data


def series_of(data: Dataset) -> Series:
    """Bars as the kernels take them."""
    return data.series()


def replay(profile: Profile, series: Series) -> Replay:
    """The profile's configuration on a series.

    Raises:
        ValueError: its strategy is gone, or takes other parameters by now.
    """
    require_known(profile.strategy["module"], profile.ref)
    strategy = load_strategy(profile.strategy["module"])
    wanted = param_names(strategy)
    if set(wanted) != set(profile.params):
        raise ValueError(
            f"strategy {strategy.name}: takes {', '.join(wanted) or 'no params'} by now, "
            f"{profile.ref} has {', '.join(profile.params) or 'none'}"
        )
    params = np.array([profile.params[name] for name in wanted], np.float64)
    return Replay(series, strategy, params, settings_from(profile.settings))


def metrics_on(again: Replay, span: Span) -> dict[str, float]:
    """Metrics on bars [start, stop) by name, the very bits of a sweep."""
    return dict(zip(again.metric_names, again.evaluate([span]).metrics[0, 0].tolist(), strict=True))


def span_of(profile: Profile) -> Span:
    """Bars [start, stop) of the profile's window."""
    return profile.window["start"], profile.window["stop"]


def config_hash(profile: Profile, again: Replay, fingerprint: str) -> str:
    """The config hash of what was run again, on bars with this fingerprint: 64 hex digits."""
    numbers = _numbers(profile.settings)
    own = {field_of(name) for name in numbers}
    words = {name: value for name, value in profile.settings.items() if name not in own}
    context = run_context(
        strategy=again.strategy.name,
        source=again.strategy.source_hash,
        settings=without_idle(words),
        symbol=profile.symbol,
        timeframe=profile.timeframe,
        data=fingerprint,
        window=(profile.window["first"], profile.window["last"]),
        kernel=KERNEL_VERSION,
    )
    numbers |= {f"params.{name}": value for name, value in profile.params.items()}
    values = np.array([[np.nan if one is None else one for one in numbers.values()]], np.float64)
    found: bytes = hash_runs(context, list(numbers), values)[0].tobytes()
    return found.hex()


def _numbers(settings: Mapping[str, object]) -> dict[str, object]:
    extra = [key for key in IDLE if field_of(key) in settings]
    return {key: settings[field_of(key)] for key in (*ALWAYS, *extra)}
