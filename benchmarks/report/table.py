"""One row of timings: speeds, ratios and whether the targets are reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HEADER = (
    "| one core | Sweeper | vectorbt | vectorbt in Rust | backtesting.py "
    "| times vectorbt | target | times backtesting.py | target |",
    "|---|---|---|---|---|---|---|---|---|",
)


@dataclass(frozen=True)
class Measured:
    """One engine at one row.

    Attributes:
        bars: of the series.
        seconds: CPU seconds of one backtest, per round.
        megabytes: peak resident memory of its process.
    """

    bars: int
    seconds: tuple[float, ...]
    megabytes: float

    @property
    def speed(self) -> str:
        """Such as `12.3 ns a bar, 16,000/s, 170 MB`."""
        typical = median(self.seconds)
        bar = f"{typical / self.bars * 1e9:.3g}"
        rate = f"{1 / typical:.3g}" if typical > 0.1 else f"{1 / typical:,.0f}"
        return f"{bar} ns a bar, {rate}/s, {self.megabytes:.0f} MB"


@dataclass(frozen=True)
class Ratio:
    """How many times faster we are: median, lowest and highest of the rounds."""

    typical: float
    lowest: float
    highest: float

    def __str__(self) -> str:
        return f"{self.typical:,.0f} ({self.lowest:,.0f} to {self.highest:,.0f})"


def ratio(ours: Measured, peer: Measured) -> Ratio:
    """Round by round: what disturbs a round disturbs both."""
    found = [b / a for a, b in zip(ours.seconds, peer.seconds, strict=True)]
    return Ratio(median(found), min(found), max(found))


def hardest(found: Mapping[str, Measured]) -> Ratio:
    """Against vectorbt as it is faster here: with its functions in Numba, or in Rust."""
    ratios = [ratio(found["sweeper"], found[name]) for name in ("vectorbt", "vectorbt-rust")]
    return min(ratios, key=lambda each: each.typical)


def judged(reached: Ratio, target: float | None) -> str:
    """The target, and whether the median reaches it."""
    if target is None:
        return ""
    return f"{target:,.0f}: {'reached' if reached.typical >= target else 'missed'}"


def verdict(
    name: str,
    found: Mapping[str, Measured],
    target_vectorbt: float,
    target_backtesting: float | None,
) -> str:
    """A few lines for the terminal."""
    lines = [name, *(f"    {engine:14} {one.speed}" for engine, one in found.items())]
    fast = hardest(found)
    slow = ratio(found["sweeper"], found["backtesting"])
    lines.append(f"    times vectorbt {fast}, target {judged(fast, target_vectorbt)}")
    aim = judged(slow, target_backtesting)
    lines.append(f"    times backtesting.py {slow}" + (f", target {aim}" if aim else ""))
    return "\n".join(lines)


def markdown(
    name: str,
    found: Mapping[str, Measured],
    target_vectorbt: float,
    target_backtesting: float | None,
) -> str:
    """The same as one line of the table under `HEADER`."""
    fast = hardest(found)
    slow = ratio(found["sweeper"], found["backtesting"])
    speeds = (one.speed.replace(", ", "<br>") for one in found.values())
    ends = (str(fast), judged(fast, target_vectorbt), str(slow), judged(slow, target_backtesting))
    return f"| {' | '.join((name, *speeds, *ends))} |".replace("  ", " ")


def replace_table(path: Path, mark: str, about: str, lines: list[str]) -> None:
    """Put the table between the page's two comments of this mark."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, found, rest = path.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{path}: no lines {begin} and {end}; put them where the table belongs")
    table = "\n".join([begin, about + ".", "", *HEADER, *lines, end])
    path.write_text(before + table + after)
