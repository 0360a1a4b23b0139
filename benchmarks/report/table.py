"""One row of timings: speeds, ratios and whether the targets are reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

HEADER = (
    "| one core | Sweeper | vectorbt | vectorbt, Rust | backtesting.py "
    "| times vectorbt | times vectorbt, Rust | target | times backtesting.py | target |",
    "|---|---|---|---|---|---|---|---|---|---|",
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
        bar, rate = digits(typical / self.bars * 1e9), digits(1 / typical)
        return f"{bar} ns a bar, {rate}/s, {self.megabytes:.0f} MB"


def digits(value: float) -> str:
    """A figure with as many decimals as make about three digits."""
    decimals = 2 if value < 10 else 1 if value < 100 else 0
    return f"{value:,.{decimals}f}"


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


@dataclass(frozen=True)
class Result:
    """A row that has been measured.

    Attributes:
        found: by engine: sweeper, vectorbt, vectorbt-rust, backtesting.
        target_vectorbt: times faster, against the faster of the two vectorbts.
        target_backtesting: the same; None for no target.
    """

    name: str
    found: Mapping[str, Measured]
    target_vectorbt: float
    target_backtesting: float | None

    def times(self, peer: str) -> Ratio:
        """How many times faster than a peer."""
        return ratio(self.found["sweeper"], self.found[peer])

    def judged(self) -> tuple[str, str]:
        """Both targets, and whether the median reaches them."""
        vectorbt, backtesting = (self.times(name).typical for name in ("vectorbt", "backtesting"))
        return judge(vectorbt, self.target_vectorbt), judge(backtesting, self.target_backtesting)


def judge(typical: float, target: float | None) -> str:
    """A target and what came of it."""
    return "" if target is None else f"{target:,.0f} {'missed' if typical < target else 'reached'}"


def verdict(result: Result) -> str:
    """A few lines for the terminal."""
    lines = [result.name, f"    sweeper        {result.found['sweeper'].speed}"]
    vectorbt, backtesting = result.judged()
    targets = {"vectorbt": vectorbt, "vectorbt-rust": "", "backtesting": backtesting}
    for peer, target in targets.items():
        speed, aim = result.found[peer].speed, f", target {target}" if target else ""
        lines.append(f"    {peer:14} {speed}: times {result.times(peer)}{aim}")
    return "\n".join(lines)


def markdown(result: Result) -> str:
    """The same as one line of the table under `HEADER`."""
    speeds = [one.speed.replace(", ", "<br>") for one in result.found.values()]
    vectorbt, backtesting = result.judged()
    times = [str(result.times(peer)) for peer in result.found if peer != "sweeper"]
    cells = [result.name, *speeds, times[0], times[1], vectorbt, times[2], backtesting]
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


def replace_table(
    path: Path, mark: str, about: str, lines: list[str], header: tuple[str, str] = HEADER
) -> None:
    """Put a table between the page's two comments of this mark."""
    replace_marked(path, mark, [about + ".", "", *header, *lines])


def replace_marked(path: Path, mark: str, lines: list[str]) -> None:
    """Put lines between the page's two comments of this mark."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, found, rest = path.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise ValueError(f"{path}: no lines {begin} and {end}; put them where the table belongs")
    path.write_text(before + "\n".join([begin, *lines, end]) + after)
