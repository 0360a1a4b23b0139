"""Reading what sweeps have found: tables, leaderboards, summaries, SQL.

results = Results("results")
results.top("sharpe", 20)                                a pyarrow Table, best first
results.runs("latest").to_pandas()                       every run, block sums included
results.sql("select strategy, max(sharpe) from runs group by all").df()
"""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import duckdb
import numpy as np
import pyarrow as pa

from store.analysis.parameter_grids import points
from store.analysis.pareto import front, goals
from store.analysis.suggestion import suggestion_of
from store.analysis.windows import analyse, analyse_run
from store.errors import StoreError, UnknownReference
from store.files.arrow_types import Dataset, Table
from store.files.backend import Root, default_root, place
from store.files.paths import run_file
from store.ledger.ledger import table as ledger_rows
from store.query import experiment_search, views
from store.query.annotations import edited, read_edits, words_of
from store.query.configuration_leaderboard import by_configuration
from store.query.error_rows import error_rows
from store.query.experiment_search import Wanted
from store.query.joined_runs import with_metrics, without_copies
from store.query.references import Reference, resolve
from store.query.relation import distinct
from store.query.required_counts import required_note
from store.query.run_columns import read_columns, unknown
from store.query.summary import experiments_table, summary_of
from store.records import experiment as records
from store.records.experiment import Experiment, objective
from store.records.run_numbering import Layout
from store.records.run_row import RunRow
from store.runs.by_configuration import standing, standings
from store.runs.columns import ERRORS, metrics_of
from store.runs.complexity_penalty import PENALISED, Penalty
from store.runs.metric_order import best_end, goodness
from store.runs.parquet import check_whole
from store.runs.plain import run_dicts
from store.runs.ranking import best_configurations, best_runs
from store.runs.reader import Shelf, run_names
from store.runs.requirement import NONE, Requirement
from store.runs.swept_words import whole_settings, with_words

if TYPE_CHECKING:
    from store.replay.retrace import Retraced


NO_MORE: Mapping[str, Table | Dataset] = {}


class Results:
    """A store of experiments, read-only. Every read verifies the bytes that it reads.

    Args:
        root: a folder or `s3://bucket/prefix`, there or not; None: SWEEPER_ROOT, else `results`.
    """

    def __init__(self, root: Root | None = None) -> None:
        self.root = place(default_root() if root is None else root)
        self._shelf = Shelf(self.root)
        self._connection: duckdb.DuckDBPyConnection | None = None

    def experiments(self, wanted: Wanted | None = None) -> list[Experiment]:
        """Experiments, newest first, with tags and texts as they are now."""
        return experiment_search.experiments(self.root, wanted)

    def resolve(self, ref: str) -> Reference:
        """The experiment or run that a REF names; see `store.query.references`."""
        return resolve(self._shelf, ref)

    def runs(self, ref: str = "latest", columns: Sequence[str] | None = None) -> Table:
        """The runs of an experiment, or the one run that `ref` names, as a pa.Table.

        Args:
            ref: an experiment or a run.
            columns: names; None means all, and then the files are compared with their SHA-256,
                too.

        Returns:
            All runs of its plan. Columns as `store.runs.schema` describes them, then `origin` and
            `origin_run`: null, or who has made a run before; then words such as `fill`, see
            `store.runs.swept_words`. Best first once the experiment is compacted, in the order of
            the blocks before.

        Raises:
            DamagedFile: a file is not what was written.
        """
        reference = self.resolve(ref)
        return self._shelf.read(
            reference.experiment.id, lambda runs: self._runs(runs, reference, columns)
        )

    def _runs(self, runs: Dataset, reference: Reference, columns: Sequence[str] | None) -> Table:
        table = read_columns(runs, reference, columns)
        if columns is None and reference.run is None:
            current = records.load(self.root, reference.experiment.id)
            for name in run_names(current):
                check_whole(run_file(self.root, current.id, name), current.files[name])
        return table

    def top(
        self,
        metric: str = "sharpe",
        n: int = 20,
        ref: str | None = None,
        *,
        strategy: str | None = None,
        symbol: str | None = None,
        window: str | None = None,
        penalty: float = 0.0,
    ) -> Table:
        """The best runs by a metric, as a pa.Table without block sums.

        Best is the lowest for `columns.LOWER_IS_BETTER` (volatility, max_drawdown, ...), else the
        highest. Pruned runs, and runs in which the metric is NaN, are left out, and so are runs on
        test windows, unless `window` names theirs: what is best there was not to be looked for.
        Ties: the newer experiment, then the lower run number. Over all experiments a run comes
        once, as that of the experiment which has made it, not again where others have copies.

        Args:
            metric: any metric that the store's runs have.
            n: how many at most, 1 or more.
            ref: an experiment; None looks at all of them.
            strategy: only runs of this strategy.
            symbol: only runs on this symbol.
            window: only runs on this window.
            penalty: what is taken off the metric for every parameter of a configuration, those of
                its strategy and each risk setting in use; added where the lowest is the best. With
                one, the columns `penalised_METRIC`, which ranks, and `parameters` are there, too.

        Raises:
            UnknownReference: no run has such a metric; the message names near ones.
            StoreError: a penalty below zero, or none that is a number.
        """
        if n < 1:
            raise ValueError(f"n: must be 1 or more, got {n}")
        if not 0 <= penalty < math.inf:
            raise StoreError(f"penalty: must be 0 or more, in units of {metric}, got {penalty:g}")
        chosen = records.every(self.root) if ref is None else [self.resolve(ref).experiment]
        where = {"strategy": strategy, "symbol": symbol, "window": window}
        given = {name: value for name, value in where.items() if value is not None}
        return self._best(chosen, metric, n, best_end(metric) == "max", given, penalty)

    def best(self, ref: str = "latest", n: int = 20, *, baseline: bool = False) -> Table:
        """The best configurations of one experiment by the metric and mode that it searched for.

        Args:
            ref: an experiment.
            n: how many at most.
            baseline: only its strategies' defaults.

        Returns:
            As `top`, a run of each: with several windows that of the first train window, ranked
            by the mean over all of these. Empty when nothing has finished.
        """
        configurations, layout = self._configurations(ref, n, None, baseline)
        return configurations.filter(
            pa.array(layout.first_trains(configurations["run"].to_numpy()))
        )

    def standings(
        self,
        ref: str = "latest",
        n: int = 20,
        *,
        metric: str | None = None,
        baseline: bool = False,
    ) -> list[RunRow]:
        """The same as `best`, as dicts with all windows in them: see `store.runs.by_configuration`.

        Args:
            ref: an experiment.
            n: how many at most.
            metric: to rank by instead, highest first.
            baseline: only its strategies' defaults.
        """
        return standings(*self._configurations(ref, n, metric, baseline))

    def by_configuration(
        self, ref: str = "latest", metric: str | None = None, n: int = 20
    ) -> list[dict[str, object]]:
        """The best configurations over all symbols: see `store.query.configuration_leaderboard`."""
        return by_configuration(self._shelf, self.resolve(ref).experiment, metric, n)

    def front(self, ref: str = "latest") -> list[RunRow]:
        """The configurations that none beats in all metrics which an experiment searched for.

        Args:
            ref: an experiment.

        Returns:
            As `standings`, best by the first metric first; none if it searched for one metric.
        """
        experiment = self.resolve(ref).experiment
        searched = goals(experiment)
        if not searched:
            return []
        layout, require = Layout.of(experiment.groups), Requirement.of(experiment.search)
        return self._shelf.read(experiment.id, lambda runs: front(runs, layout, searched, require))

    def points(self, ref: str = "latest") -> Table:
        """The runs of an experiment as `store.analysis.parameter_grids` reads them, a pa.Table."""
        experiment = self.resolve(ref).experiment
        return self._shelf.read(experiment.id, partial(points, experiment=experiment))

    def standing(self, ref: str) -> RunRow:
        """A run's configuration as `standings` tells it, whichever of its windows the run is of.

        Args:
            ref: a run.

        Raises:
            UnknownReference: it is an experiment's.
        """
        reference = self.resolve(ref)
        if (run := reference.run) is None:
            raise UnknownReference(f"{ref}: names no run; {reference.experiment.id}/42 does")
        given = (reference.experiment, run)
        return self._shelf.read(reference.experiment.id, lambda runs: standing(runs, *given))

    def suggestion(self, ref: str = "latest") -> dict[str, Any] | None:
        """The suggestion after an experiment: the fields of `store.analysis.suggestion`.

        Args:
            ref: an experiment.

        Returns:
            None when nothing has finished, or no number varied.
        """
        suggested = suggestion_of(self._shelf, self.resolve(ref).experiment)
        return None if suggested is None else dataclasses.asdict(suggested)

    def _configurations(
        self, ref: str, n: int, metric: str | None, baseline: bool
    ) -> tuple[Table, Layout]:
        """All runs of the best configurations of an experiment, and its layout."""
        experiment = self.resolve(ref).experiment
        layout, (searched, highest) = Layout.of(experiment.groups), objective(experiment)
        chosen, descending = (searched, highest) if metric is None else (metric, True)
        where = {"baseline": True} if baseline else {}
        require = NONE if baseline else Requirement.of(experiment.search)
        given = (layout, chosen, n, descending, where, require)
        best = self._shelf.read(experiment.id, lambda runs: best_configurations(runs, *given))
        return with_words(best, [experiment]), layout

    def _best(
        self,
        experiments: Sequence[Experiment],
        metric: str,
        n: int,
        descending: bool,
        where: Mapping[str, str],
        penalty: float,
    ) -> Table:
        """As `best_runs`, over several experiments, newest first; without copies."""
        tables, words = [], dict[str, None]()
        for experiment in experiments:
            names = self._shelf.read(experiment.id, lambda runs: metrics_of(runs.schema))
            words.update(dict.fromkeys(names))
            if metric in names:
                best_of = partial(
                    best_runs,
                    metric=metric,
                    n=n,
                    descending=descending,
                    where=where,
                    layout=Layout.of(experiment.groups),
                    penalty=Penalty(penalty, experiment.groups) if penalty else None,
                    require=Requirement.of(experiment.search),
                )
                tables.append(self._shelf.read(experiment.id, best_of))
        if not words:
            raise UnknownReference(f"{self.root}: there are no runs yet; run a sweep")
        if not tables:
            raise unknown("metric", metric, list(words))
        table = without_copies(pa.concat_tables(tables, promote_options="permissive"))
        ranked = PENALISED + metric if penalty else metric
        score = table[ranked].to_numpy().astype(np.float64)
        order = np.argsort(-goodness(score, descending), kind="stable")[:n]
        best = with_metrics(table.take(order), tables)
        ids = set(best["experiment_id"].to_pylist())
        return with_words(best, [experiment for experiment in experiments if experiment.id in ids])

    def summary(self, ref: str = "latest") -> dict[str, Any]:
        """Summary of an experiment in numbers: see `store.query.summary`."""
        experiment = self.resolve(ref).experiment
        count = max(20, len(experiment.groups))
        shown = {
            "best": next(iter(self.standings(experiment.id, 1)), None),
            "baseline": self.standings(experiment.id, count, baseline=True),
            "suggestion": self.suggestion(experiment.id),
        }
        return summary_of(self._shelf, experiment, shown)

    def run(self, ref: str) -> RunRow:
        """One run as it is stored."""
        return run_dicts(self.runs(ref))[0]

    def show(self, ref: str) -> dict[str, Any]:
        """An experiment's record as it was edited, or one run as `rows.run_dicts` gives it.

        With a run come all its settings, swept or not, its tags and texts. Either has with it what
        `store.analysis.windows` makes of several windows, or of their cross-validation; an
        experiment also the `suggestion`.
        """
        reference, edits = self.resolve(ref), read_edits(self.root)
        experiment, number = reference.experiment, reference.run
        if number is None:
            record = edited(experiment, edits).to_json() | self.windows(experiment.id)
            return record | {"suggestion": self.suggestion(experiment.id)}
        stored = self.run(str(reference))
        words = words_of(experiment, str(reference), edits) if str(reference) in edits else {}
        analysed = self._shelf.read(
            experiment.id, lambda runs: analyse_run(runs, experiment, number)
        )
        return {**stored, "settings": whole_settings(experiment, stored)} | words | analysed

    def required(self, ref: str = "latest") -> str:
        """Sentence on how many configurations `search.require` leaves; "" where it asks nothing."""
        return required_note(self._shelf, self.resolve(ref).experiment)

    def retrace(self, ref: str = "latest/best") -> "Retraced":
        """A run backtested again, with `.trades` and `.equity`: see `store.replay.retrace`."""
        from store.replay.retrace import retrace  # late: Numba takes half a second

        reference = self.resolve(ref)
        if reference.run is None:
            reference = self.resolve(f"{reference.experiment.id}/best")
        return retrace(reference.experiment, self.runs(str(reference)))

    def windows(self, ref: str = "latest") -> dict[str, Any]:
        """The analysis of an experiment's windows; empty when there is one."""
        experiment = self.resolve(ref).experiment
        return self._shelf.read(experiment.id, lambda runs: analyse(runs, experiment))

    def errors(self, ref: str = "latest") -> Table:
        """Error rows of an experiment, as a pa.Table of `columns.ERRORS`, by run number.

        Raises:
            DamagedFile: a file is not what was written.
        """
        return error_rows(self.root, self.resolve(ref).experiment)

    def views(self, experiments: Sequence[Experiment] | None = None) -> dict[str, Table | Dataset]:
        """Tables that `sql` may ask, by name: the dataset `runs`, and three pa.Tables.

        `sql` has the words of runs (`store.runs.swept_words`) as columns, too.

        `runs` has the columns of all experiments, null where one lacks a column; the hash columns
        are BLOBs: `hex(config_hash)`. `ledger` has a row per entry and subject.
        """
        experiments = self.experiments() if experiments is None else experiments
        failed = [error_rows(self.root, experiment) for experiment in experiments]
        return {
            "runs": self._shelf.all_runs(experiments),
            "experiments": experiments_table(experiments),
            "errors": pa.concat_tables([ERRORS.empty_table(), *failed], promote_options="default"),
            "ledger": ledger_rows(self.root),
        }

    def name_damage(self) -> None:
        """Raise DamagedFile if a file of runs is not what was written."""
        for experiment in records.every(self.root):
            self._shelf.name_damage(experiment)

    def register(
        self, connection: duckdb.DuckDBPyConnection, more: Mapping[str, Table | Dataset] = NO_MORE
    ) -> None:
        """Make the views, and more pa.Tables by name, known to a DuckDB connection.

        It reads through pyarrow, for its own Parquet reader verifies no checksum.
        """
        experiments = self.experiments()
        views.register(connection, {**self.views(experiments), **more}, experiments)

    def sql(self, query: str) -> duckdb.DuckDBPyRelation:
        """A DuckDB relation over the `views` runs, experiments, errors and ledger.

        Only the columns that the query needs are read. Times are shown in UTC.
        """
        if self._connection is None:
            self._connection = duckdb.connect()
            self._connection.execute("set timezone = 'UTC'")
        self.register(self._connection)
        return distinct(self._connection.sql(query))
