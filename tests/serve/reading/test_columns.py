"""Columns of runs: read once of files that do not change, never kept of a sweep that goes on."""

from dataclasses import replace

import numpy as np
import pytest

from serve.reading import columns
from serve.reading.columns import Columns, keep_columns, shelf_of
from serve.reading.kept import Kept, key_of
from store.errors import UnknownReference
from store.query.results import Results


class Counted:
    """A dataset that counts what is read of it."""

    def __init__(self, runs):
        self._runs, self.read = runs, []

    def to_table(self, columns):
        self.read += columns
        return self._runs.to_table(columns=columns)


@pytest.fixture
def experiment(swept, monkeypatch):
    monkeypatch.setattr(columns, "_kept", Kept(1 << 20, lambda column: int(column.nbytes)))
    return Results(swept).resolve("latest").experiment


def dataset(swept, experiment):
    return Counted(shelf_of(Results(swept), experiment).dataset(experiment))


def test_a_column_is_read_once_and_is_that_of_the_store(swept, experiment):
    runs, results = dataset(swept, experiment), Results(swept)
    for _ in range(2):
        kept = Columns(runs, key_of(results, experiment), keep=True)
        values = kept.numbers(["sharpe", "params.fast"])
        assert kept.equal("symbol", "NASDAQ").all()
        assert not kept.equal("symbol", "nasdaq").any()
    stored = results.runs(experiment.id, ["sharpe", "params.fast"]).to_pandas()
    np.testing.assert_array_equal(values["sharpe"], stored["sharpe"])
    np.testing.assert_array_equal(values["params.fast"], stored["params.fast"])
    assert sorted(runs.read) == ["params.fast", "sharpe", "symbol", "symbol"]


def test_while_a_sweep_goes_on_nothing_is_kept(swept, experiment):
    runs, results = dataset(swept, experiment), Results(swept)
    for _ in range(2):
        Columns(runs, key_of(results, experiment), keep=False).numbers(["sharpe"])
    assert runs.read == ["sharpe", "sharpe"]
    running = replace(experiment, status="running")
    assert shelf_of(results, running) is not shelf_of(results, running)
    assert shelf_of(results, experiment) is shelf_of(results, experiment)


def test_words_are_no_numbers(swept, experiment):
    with pytest.raises(UnknownReference, match="only columns of numbers"):
        Columns(dataset(swept, experiment), ("x",), keep=True).numbers(["symbol"])


def test_the_oldest_goes_when_what_is_kept_weighs_too_much():
    kept = Kept(10, len)
    for key in ("abcd", "efgh", "abcd"):
        kept.get(key, lambda key=key: key)
    kept.get("ijkl", lambda: "ijkl")
    assert (kept.peek("abcd"), kept.peek("efgh"), kept.peek("ijkl")) == ("abcd", None, "ijkl")


def test_a_column_kept_as_it_was_read_becomes_numbers_when_it_is_asked_for(swept, experiment):
    runs, results = dataset(swept, experiment), Results(swept)
    key = key_of(results, experiment)
    keep_columns(results.runs(experiment.id, ["run", "sharpe", "symbol"]), key, experiment)
    expected = results.runs(experiment.id, ["sharpe"])["sharpe"].to_numpy()
    for _ in range(2):
        np.testing.assert_array_equal(
            Columns(runs, key, keep=True).numbers(["sharpe"])["sharpe"], expected
        )
    assert runs.read == []
