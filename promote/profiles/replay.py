"""A profile made ready to run again, from its YAML alone."""

from kernels.registry import load as load_strategy
from kernels.series.bars import Series
from promote.profiles.profile import Profile
from store.data import Dataset, DataSpec, load
from store.files.order_keys import ALWAYS, IDLE, field_of, without_idle
from store.replay.configuration import Configurations, HashedBars, one_of, param_names
from store.replay.replay import Replay
from store.replay.trusted import require_known
from store.runs.columns import PARAMS

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
    return Replay.of(configuration(profile), series)


def holds_several(profile: Profile) -> bool:
    """True where a profile holds several positions at a time: of a universe, or of sleeves."""
    return bool(profile.data.get("universe")) or profile.strategy["name"].startswith("sleeves")


def configuration(profile: Profile) -> Configurations:
    """The profile's configuration.

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
    extra = [key for key in IDLE if field_of(key) in profile.settings]
    numbers = {key: profile.optional(field_of(key)) for key in (*ALWAYS, *extra)}
    fields = {field_of(key) for key in numbers}
    words = {name: value for name, value in profile.settings.items() if name not in fields}
    numbers |= {PARAMS + name: value for name, value in profile.params.items()}
    return one_of(strategy, numbers, without_idle(words))


def metrics_on(again: Replay, span: Span) -> dict[str, float]:
    """Metrics on bars [start, stop) by name, the very bits of a sweep."""
    return dict(zip(again.metric_names, again.evaluate([span]).metrics[0, 0].tolist(), strict=True))


def span_of(profile: Profile) -> Span:
    """Bars [start, stop) of the profile's window."""
    return profile.window["start"], profile.window["stop"]


def config_hash(profile: Profile, fingerprint: str) -> str:
    """The config hash of the profile on bars with this fingerprint: 64 hex digits."""
    first, last = profile.window["first"], profile.window["last"]
    bars = HashedBars(profile.symbol, profile.timeframe, fingerprint, first, last)
    return bytes(configuration(profile).hashes(bars)[0]).hex()
