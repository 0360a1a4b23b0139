"""Combinatorial purged cross-validation: one window, `dev`, cut into groups when it is analysed.

Every choice of `test_groups` of `groups` is a split: choose on the other groups, look at those.
The block sums of one run hold all of them, so nothing is run twice; `store.analysis.cpcv` does the
rest (Lopez de Prado 2018, Advances in Financial Machine Learning, chapter 12).
"""

from collections.abc import Mapping
from math import comb

from kernels import BLOCKS
from store.analysis.cpcv import Scheme
from sweeper.config.durations import Times
from sweeper.config.error_text import DoesNotFit
from sweeper.config.window import Window

DEFAULTS: dict[str, object] = {"groups": 8, "test_groups": 2, "purge": 0, "embargo": 0}
MOST_SPLITS = 1000


def windows(config: Mapping[str, object], times: Times) -> tuple[Window, ...]:
    """The one window, once its groups are known to work on these bars."""
    groups = _whole("groups", config["groups"], 2, BLOCKS)
    tests = _whole("test_groups", config["test_groups"], 1, groups - 1)
    if comb(groups, tests) > MOST_SPLITS:
        raise ValueError(
            f"split.groups: {tests} of {groups} groups can be chosen in {comb(groups, tests):,} "
            f"ways; at most {MOST_SPLITS:,}: lower groups or test_groups"
        )
    if len(times) < BLOCKS:
        raise DoesNotFit(
            f"split: cpcv needs at least {BLOCKS} bars before the holdout, got {len(times)}; "
            "load more bars"
        )
    purge = _whole("purge", config["purge"], 0, len(times))
    embargo = _whole("embargo", config["embargo"], 0, len(times))
    if not Scheme.of(config, len(times), BLOCKS).trains(len(times)):
        raise DoesNotFit(
            f"split.embargo: {embargo} bars, with a purge of {purge}, leave a split nothing to "
            f"train on among {len(times):,} bars; shorten them or lower test_groups"
        )
    return (Window("dev", 0, len(times)),)


def _whole(key: str, value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise ValueError(f"split.{key}: need a whole number from {least} to {most}, got {value!r}")
    return value
