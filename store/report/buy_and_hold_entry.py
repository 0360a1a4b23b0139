"""The line of buy-and-hold among the entries of a report."""

from kernels import Settings
from kernels.series.bars import Series
from store.records.group import GroupRecord
from store.records.run_row import RunRow
from store.replay.buy_and_hold import hold_metrics
from store.report.view_model import Entry


def hold_entry(series: Series, settings: Settings, group: GroupRecord, run: RunRow) -> Entry:
    """Leaderboard line of buy and hold: like that of a run, means over all windows of its group."""
    return Entry(
        role="hold",
        run=None,
        strategy="",
        symbol=run["symbol"],
        direction="",
        window=run["window"],
        params={},
        metrics=hold_metrics(series, settings, group.windows),
    )
