import sys

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.errors import StoreError
from store.query.results import Results
from store.trackers.publication import _finite, gather
from store.trackers.quantstats import write_tearsheet
from sweeper.sweep import sweep


def test_an_experiment_with_its_best_runs_as_the_store_has_them(results, tmp_path):
    publication = gather(results, "latest", 3, tmp_path)
    (experiment,) = results.experiments()
    standings = results.standings(experiment.id, 3)
    assert [run.number for run in publication.runs] == [run["run"] for run in standings]
    for run, stored in zip(publication.runs, standings, strict=True):
        assert run.params == stored["params"]
        assert run.metrics.items() <= stored["metrics"].items()
        assert run.metrics["sharpe"] == stored["metrics"]["sharpe"]
        assert run.tags["sweeper.config_hash"] == stored["config_hash"]
    assert publication.metrics["best_sharpe"] == standings[0]["metrics"]["sharpe"]
    assert publication.metrics["noise_sharpe"] == experiment.luck["mean"]
    assert publication.metrics["runs_done"] == experiment.counts["done"]
    assert publication.params["search.metric"] == "sharpe"
    assert publication.labels == ("trend", "prod")
    assert publication.note == "Two averages\n\nTrends last"
    page, summary = publication.files
    assert page.read_text().startswith("<!")
    assert experiment.id in summary.read_text()


def test_a_number_that_is_none_is_left_out():
    """A run without a trade has no win rate, and a tracker no NaN."""
    assert _finite({"a": 1.0, "b": float("nan"), "c": float("inf"), "d": None}) == {"a": 1.0}


def test_infinite_metrics_of_a_run_are_left_out_and_its_others_are_there(tmp_path):
    """On bars that rise without a fall: no loss, hence no finite profit factor, nor a Sortino."""
    close = 100 * 1.01 ** np.arange(200)
    bars = pd.DataFrame({"open": close, "high": close, "low": close, "close": close, "volume": 1.0})
    bars.insert(0, "time", pd.date_range("2020-01-01", periods=200, tz="UTC"))
    bars.to_csv(tmp_path / "RISE.csv", index=False)
    root = tmp_path / "results"
    data = ["data=csv", f"data.path={tmp_path / 'RISE.csv'}", "data.calendar=24/7"]
    given = [f"store.root={root}", "executor=inline", "costs=free"]
    sweep(*data, *given, "strategy=sma", "params.fast=3,5", "params.slow=10")
    stored = Results(root).standings("latest", 1)[0]["metrics"]
    infinite = {name for name, value in stored.items() if value is not None and np.isinf(value)}
    assert infinite == {"sortino", "calmar", "profit_factor"}
    publication = gather(Results(root), "latest", 1, tmp_path)
    (run,) = publication.runs
    finite = {name for name, value in stored.items() if value is not None and np.isfinite(value)}
    assert set(run.metrics) == finite
    told = {*publication.metrics, *run.metrics}
    assert not told & {prefix + name for prefix in ("", "best_") for name in infinite}
    assert {"best_sharpe", "best_total_return", "win_rate", "avg_win"} <= told


@pytest.mark.parametrize(
    ("words", "name", "package"),
    [
        (["publish", "mlflow"], "mlflow", "mlflow-skinny"),
        (["publish", "wandb"], "wandb", "wandb"),
        (["tearsheet"], "quantstats", "quantstats"),
    ],
)
def test_a_missing_extra_is_named(words, name, package, results, elsewhere, monkeypatch):
    monkeypatch.setitem(sys.modules, name, None)
    ended = CliRunner().invoke(app, [*words, "--root", str(results.root)])
    assert ended.exit_code == 2
    assert ended.stderr == (
        f"{package}: is not installed; .venv/bin/python -m pip install {package}\n"
    )
    assert list(elsewhere.iterdir()) == []


def test_an_unknown_tracker_or_reference_ends_in_2(results, elsewhere):
    for words in (["publish", "excel"], ["publish", "mlflow", "exp-nothing"], ["tearsheet", "zz"]):
        assert CliRunner().invoke(app, [*words, "--root", str(results.root)]).exit_code == 2
    assert list(elsewhere.iterdir()) == []


def test_a_tear_sheet_is_of_a_run(results, elsewhere):
    with pytest.raises(StoreError, match=r"is an experiment; name a run, such as .*/best"):
        write_tearsheet(results, "latest")
