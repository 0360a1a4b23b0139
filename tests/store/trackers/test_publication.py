import sys

import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.errors import StoreError
from store.trackers.publication import _finite, gather
from store.trackers.quantstats import write_tearsheet


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
