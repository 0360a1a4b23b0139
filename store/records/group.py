"""Groups of an experiment and their windows, as `experiment.json` holds them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from store.files.typed_json import JsonRecord, later

Setting = str | float | bool | None
"""Value of a setting: a word, a number, a switch; None is off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowRecord(JsonRecord):
    """Window of a group.

    Attributes:
        role: `dev`, `train`, `test`, or `train_1`, `test_1`, ... of folds.
        start: its first bar.
        stop: the bar after its last.
        first: time of its first bar, ISO 8601, UTC.
        last: of its last bar.
    """

    role: str = "dev"
    start: int
    stop: int
    first: str = later("")
    last: str = later("")

    @property
    def is_test(self) -> bool:
        """True when the window is only reported: the search may not look at it."""
        return is_test(self.role)

    @property
    def bars(self) -> tuple[int, int]:
        """Bars [start, stop)."""
        return self.start, self.stop


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRecord(JsonRecord):
    """One cell on one symbol: what all of its runs share, and which numbers they have.

    Attributes:
        strategy: name; `module` and `source`, the hash of its file.
        symbol: of the bars; `fingerprint`, the hash of all bars that were loaded.
        direction: long, short or both.
        look_ahead: whether the strategy was allowed to read later bars.
        overrides: words that set this cell apart.
        data: the spec that the bars were loaded by.
        space: the axes as text, by name.
        constraint: on the axes; None without one.
        baseline_in_space: whether the defaults lie in the space; None in older records.
        shares: equal in groups on the same bars that hold some points in common: one of them has
            the row; None where the group shares none.
        fixed: numbers of the defaults by name; None is off.
        settings: all that every run of the group shares and that is no number of its own.
        metrics: source hash of the user's metrics, by column.
        split: its settings.
        windows: of every configuration, in the order of its runs.
        holdout: share of the newest bars that was kept unseen, or the day from which on; None in
            older records, see `store.records.holdout`.
        development_bars: number of the oldest bars that the sweep could read; None in older
            records.
        points: of the search, senseless ones included.
        runs: planned; once it has ended those that were made.
        block_points: points of a block.
        first_block: number of its first block; `blocks`, how many it has.
        first_run: number of its first run.
    """

    strategy: str
    module: str = ""
    source: str = ""
    symbol: str
    fingerprint: str = later("")
    direction: str = ""
    look_ahead: bool = False
    overrides: tuple[str, ...] = ()
    data: dict[str, object] = field(default_factory=dict)
    space: dict[str, str] = field(default_factory=dict)
    constraint: str | None = None
    baseline_in_space: bool | None = later(None)
    shares: str | None = later(None)
    fixed: dict[str, float | None] = field(default_factory=dict)
    settings: dict[str, Setting] = field(default_factory=dict)
    metrics: dict[str, str] = field(default_factory=dict)
    split: dict[str, object] = field(default_factory=dict)
    windows: tuple[WindowRecord, ...]
    holdout: float | str | None = later(None)
    development_bars: int | None = later(None)
    points: int
    runs: int
    block_points: int = 0
    first_block: int = 0
    blocks: int = 0
    first_run: int = 0

    @property
    def periods_per_year(self) -> float:
        """Bars in a year."""
        return self.number("periods_per_year")

    @property
    def timeframe(self) -> str | None:
        """Length of its bars as the config says it."""
        timeframe = self.data.get("timeframe")
        return None if timeframe is None else str(timeframe)

    @property
    def train_spans(self) -> list[tuple[int, int]]:
        """Bars [start, stop) of the windows that the search may look at."""
        return [window.bars for window in self.windows if not window.is_test]

    @property
    def test_windows(self) -> list[WindowRecord]:
        """Windows that are only reported."""
        return [window for window in self.windows if window.is_test]

    def number(self, name: str, default: Setting = None) -> float:
        """A shared setting that is a number; `default` where the group has none."""
        value = self.settings.get(name, default)
        if value is None or isinstance(value, str):
            raise ValueError(f"settings[{name!r}]: must be a number, got {value!r}")
        return float(value)

    def holds_run(self, run: int) -> bool:
        """True when a run is one of its own."""
        return 0 <= run - self.first_run < self.points * len(self.windows)

    def window_of(self, run: int) -> WindowRecord:
        """Window of one of its runs."""
        return self.windows[(run - self.first_run) % len(self.windows)]


def is_test(role: str) -> bool:
    """True for the role of a window that is only reported: `test`, `test_1`, ..."""
    return role.partition("_")[0] == "test"


def by_first_run(groups: Iterable[GroupRecord]) -> list[GroupRecord]:
    """Groups, ascending by their first run."""
    return sorted(groups, key=lambda group: group.first_run)
