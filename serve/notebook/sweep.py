"""Sweep: bars, a strategy and a space, run and read in a notebook.

study = Sweep(frame, "sma", {"fast": range(5, 60), "slow": range(20, 260, 5)}, name="trend").run()
study.best()["params"]; study.heatmap("fast", "slow"); study.luck(); study.check()
"""

import asyncio
from collections.abc import Generator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from serve.notebook.bars import choose
from serve.notebook.gate import Checked, Promoted, checked, promoted
from serve.notebook.progress import Progress
from serve.notebook.shown import experiment_html
from serve.notebook.space import SHORT, group_words, key_of, space_words, texts, values_text
from serve.notebook.strategies import strategy_words
from serve.notebook.views import Best, LuckLine, WalkForward, luck_line, walk_forward
from serve.reading.heat import View, heat
from store.commands import line, root_overrides
from store.files.backend import absolute, default_root
from store.query.results import Results
from store.records.experiment import Experiment, objective
from store.records.holdout import read_holdout
from store.report.figures.maps import heat_map_figure
from store.report.figures.notebook import drawn, growth_figure
from store.runs.columns import BLOCK_SUMS
from sweeper.handle import RunningSweep, start
from sweeper.run.events import Watch, to_all, unwatched

PLAIN = ("holdout", "fill", "initial_capital", "risk_free", "executor", "force", "time_limit")
"""Keys of the config that a keyword sets as they are."""
HOLDOUT = 0.2
"""Share of the newest bars that a sweep leaves alone unless told otherwise."""


class Sweep:
    """One sweep and its results, in the store that the command line reads.

    Its configurations are counted in the ledger and the newest bars, the holdout, are not read, as
    in every sweep. The same bars, strategy and space resume: what is in the store is not run again.
    """

    def __init__(
        self,
        data: object,
        strategy: object = "sma",
        space: Mapping[str, object] | None = None,
        *,
        split: str | Mapping[str, object] | None = None,
        search: str | int | Mapping[str, object] | None = None,
        name: str = "notebook",
        hypothesis: str = "",
        description: str = "",
        tags: Sequence[str] = (),
        symbol: str | None = None,
        timeframe: str | None = None,
        calendar: str | None = None,
        root: str | Path | None = None,
        overrides: Sequence[str] = (),
        on_event: Watch | None = None,
        progress: bool = True,
        **settings: object,
    ) -> None:
        """Describe a sweep; nothing runs yet, but bars of a frame are kept in the store.

        Args:
            data: DataFrame of bars; panel, {symbol: DataFrame} or long with a column `symbol`; a
                name such as NASDAQ or of kept bars, or several; a CSV or Parquet file.
            strategy: name, module, import path, or function: see `serve.notebook.strategies`.
            space: values by parameter: range, list, number, or text such as interval(0.1,0.5).
                None is the strategy's own space.
            split: full, train_test, walk_forward, cpcv; or {"kind": ..., keys of its own}.
            search: grid, random, refine, bayes; a number of random points; or {"kind": ...}.
            name: of the experiment.
            hypothesis: the idea behind it, in words.
            description: of the experiment.
            tags: to find it by.
            symbol: name of the bars of a frame; None names them after their content.
            timeframe: length of a bar, 1h; None: by the times.
            calendar: of the market, XNYS or 24/7, which then says how many bars a year has; None
                is a guess, and a year has the bars that the times of a frame show.
            root: of the store; None: SWEEPER_ROOT, else `results`.
            overrides: further words of the command line.
            on_event: called with each event of `sweeper.run.events`, in the sweep's thread.
            progress: show a line that follows the sweep.
            settings: holdout, direction, constraint, stop_loss, take_profit, trailing_stop,
                risk_fraction, commission, slippage, fill, initial_capital, executor, force, ...

        Raises:
            ValueError: bars, a strategy or values that break a rule.
        """
        self._root = absolute(default_root() if root is None else root)
        words = list[str]()
        chosen = choose(data, Path(str(self._root)), symbol=symbol, bar=timeframe,
                        calendar=calendar)  # fmt: skip
        words += strategy_words(strategy, space, chosen.columns)
        words += [*chosen.words, *space_words(space)]
        if not any(word.startswith("data.periods_per_year=") for word in overrides):
            words += chosen.annual_words(read_holdout(settings.get("holdout", HOLDOUT)))
        words += [*group_words("split", split), *group_words("search", search)]
        words += _setting_words(settings)
        words += texts(name=name, hypothesis=hypothesis, description=description, tags=tags)
        self.overrides = (*words, *overrides, *root_overrides(self._root))
        self._on_event, self._progress = on_event or unwatched, progress
        self._handle: RunningSweep | None = None
        self._experiment: Experiment | None = None

    @property
    def command(self) -> str:
        """The command line that runs the same."""
        return line("python", "-m", "sweeper", "-m", *self.overrides)

    def start(self) -> "Sweep":
        """Start it in the background, and return at once; `wait()` or `await` ends it."""
        if self._handle is None or (self._handle.done and self._experiment is None):
            self._shown = Progress(self._progress)
            self._handle = start(*self.overrides, on_event=to_all(self._shown.note, self._on_event))
        return self

    def run(self) -> "Sweep":
        """Run it to its end; Ctrl-C or the kernel's interrupt cancels it, and what is done stays.

        Raises:
            ValueError: bad input, in one line.
            Interrupted: it was cancelled.
        """
        return self.start().wait()

    def wait(self) -> "Sweep":
        """Wait for a sweep that was started."""
        handle = self._started()
        try:
            while not handle.done:
                try:
                    handle.result(self._shown.SECONDS)
                except TimeoutError:
                    self._shown.show(handle.snapshot)
        except KeyboardInterrupt:
            handle.cancel()
        self._experiment = handle.result()
        self._shown.end(handle.snapshot)
        return self

    def cancel(self) -> None:
        """Ask it to end within a block; the same sweep goes on from there."""
        self._started().cancel()

    def __await__(self) -> Generator[object, None, "Sweep"]:
        """Run it in async code, next to others; a task that is cancelled cancels the sweep."""
        return self._awaited().__await__()

    async def _awaited(self) -> "Sweep":
        handle = self.start()._started()
        following = asyncio.ensure_future(self._follow(handle))
        try:
            self._experiment = await handle
        finally:
            following.cancel()
        self._shown.end(handle.snapshot)
        return self

    async def _follow(self, handle: RunningSweep) -> None:
        while True:
            await asyncio.sleep(self._shown.SECONDS)
            self._shown.show(handle.snapshot)

    def _started(self) -> RunningSweep:
        if self._handle is None:
            raise ValueError("the sweep has not been started; call .run(), or await it")
        return self._handle

    @property
    def experiment(self) -> Experiment:
        """Record of the experiment; ValueError before the sweep has ended."""
        if self._experiment is None:
            raise ValueError("the sweep has not ended; call .run(), .wait(), or await it")
        return self._experiment

    @property
    def id(self) -> str:
        """Id of the experiment, a REF of every command."""
        return self.experiment.id

    @property
    def results(self) -> Results:
        """The store that holds it."""
        return Results(self._root)

    def frame(self) -> pd.DataFrame:
        """All its runs, a row each, best first; columns as in the store, without block sums."""
        table = self.results.runs(self.id)
        light = [name for name in table.schema.names if name not in BLOCK_SUMS]
        runs: pd.DataFrame = table.select(light).to_pandas()
        return runs

    def best(self) -> Best:
        """The best configuration by what was searched for: ref, params, settings, metrics.

        Raises:
            ValueError: nothing has finished.
        """
        ranked = self.results.standings(self.id, 1)
        if not ranked:
            raise ValueError(f"{self.id}: no run has finished; .frame() shows why")
        return Best(ranked[0])

    def heatmap(self, x: str | None = None, y: str | None = None, metric: str | None = None) -> Any:
        """A metric over two parameters, with the best run and the best plateau marked.

        Args:
            x: parameter; None: that with the most values.
            y: the same.
            metric: None is what was searched for.

        Returns:
            A plotly Figure.

        Raises:
            ValueError: no such parameter or metric, or nothing varies.
        """
        record = self.experiment
        shown = metric or objective(record)[0]
        heat_map = heat(self.results, record, View(shown, x or "", y or ""))
        if heat_map is None or heat_map.map is None:
            raise ValueError(f"{record.id}: nothing varies, so there is no map")
        title = f"{heat_map.map.group}, {heat_map.configurations:,} configurations"
        return drawn(heat_map_figure(heat_map.map), title)

    def equity(self, ref: str | None = None) -> pd.Series:
        """Equity of a run at each close, on the bars that the sweep has read; None: of the best."""
        return self.results.retrace(ref or self.best()["ref"]).equity

    def trades(self, ref: str | None = None) -> pd.DataFrame:
        """Trades of a run, oldest first; None: of the best."""
        return self.results.retrace(ref or self.best()["ref"]).trades

    def plot(self, ref: str | None = None) -> Any:
        """Equity and drawdown of a run as a plotly Figure; None: of the best."""
        own = ref or self.best()["ref"]
        return growth_figure(self.equity(own), own)

    def walk_forward(self) -> WalkForward:
        """The choice of each fold and all test windows stitched.

        Raises:
            ValueError: it has no folds.
        """
        return walk_forward(self.results, self.id)

    def luck(self) -> LuckLine:
        """The best next to what the same configurations show on bars without skill."""
        return luck_line(self.results, self.experiment)

    def check(self, ref: str | None = None, gate: str = "standard", **limits: object) -> Checked:
        """Ask the gate; a look at the holdout, which it takes last if at all, is on record.

        Args:
            ref: a run; None lets the gate select one.
            gate: name of a preset.
            limits: of checks, `min_trades=50`; None switches one off; and the options of
                `promote.gate.evidence.options.Question`, `benchmark="buy-and-hold"`.
        """
        return checked(Path(str(self._root)), ref or self.id, gate, limits)

    def promote(
        self, profile: str, ref: str | None = None, *, reason: str = "", by: str | None = None,
        gate: str = "standard", profiles: Path | str | None = None, **limits: object,
    ) -> Promoted:  # fmt: skip
        """Promote through the gate, as `python -m promote apply`; approval is a person's.

        Raises:
            Refused: the gate has refused it; its `.checked` says why.
        """
        folder = None if profiles is None else Path(profiles)
        return promoted(Path(str(self._root)), ref or self.id, profile, gate, limits,
                        reason=reason, by=by, profiles=folder)  # fmt: skip

    def __repr__(self) -> str:
        if self._experiment is None:
            return f"Sweep({self.command})"
        counts = self._experiment.counts
        return f"Sweep({self.id}, {self._experiment.name}: {counts['planned']:,} runs planned)"

    def _repr_html_(self) -> str:
        """A table of the best, with the luck line above it; the command before it has run."""
        if self._experiment is None:
            return experiment_html(repr(self), "", None)
        top = pd.DataFrame([Best(row).row() for row in self.results.standings(self.id, 10)])
        return experiment_html(repr(self), self.luck().sentence, top)


def _setting_words(settings: Mapping[str, object]) -> list[str]:
    """Overrides of the keywords that name settings."""
    unknown = [name for name in settings if name not in (*SHORT, *PLAIN)]
    if unknown:
        raise TypeError(
            f"Sweep() knows no {unknown[0]}; it takes {', '.join((*SHORT, *PLAIN))}; any other key "
            'goes as overrides=("key=value",)'
        )
    words = []
    for name, value in settings.items():
        key = name if name in PLAIN else key_of(name)
        words += texts(**{key: value}) if isinstance(value, str) else [
            f"{key}={values_text(name, value)}"
        ]  # fmt: skip
    return words
