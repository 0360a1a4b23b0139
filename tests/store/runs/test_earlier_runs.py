"""Runs of earlier experiments: which rows they are, and their copies in a later one."""

import numpy as np
import pytest

from store.query.results import Results
from store.records import experiment as records
from store.runs import earlier_runs, key_set
from store.runs.columns import ORIGIN
from store.runs.compaction import compact
from store.runs.reader import Shelf
from tests.store.counted import NASDAQ, commit, started
from tests.store.made_runs import filled


def test_finished_runs_are_found_by_their_keys_in_the_order_of_their_rows(tmp_path):
    experiment = filled(tmp_path, blocks=2, rows=6)
    hashes = Results(tmp_path).runs(experiment.id)["config_hash"].combine_chunks()
    there = key_set.arrow_keys(hashes)
    wanted = np.array([there[9], 1, there[2], there[9]], np.uint64)
    places, rows = Shelf(tmp_path).read(experiment.id, lambda runs: earlier_runs.find(runs, wanted))
    assert places.tolist() == [2, 0, 3]
    assert rows.tolist() == [2, 9, 9]


def test_pruned_runs_are_not_found(tmp_path):
    experiment = started(tmp_path, [NASDAQ])
    commit(tmp_path, experiment, 0, range(5), status="pruned")

    def read(runs):
        table = runs.to_table(columns=["config_hash"])["config_hash"].combine_chunks()
        return earlier_runs.find(runs, key_set.arrow_keys(table))

    places, rows = Shelf(tmp_path).read(experiment.id, read, committed=True)
    assert (places.size, rows.size) == (0, 0)


@pytest.fixture
def copied(tmp_path):
    """An experiment with three runs of its own and copies of five that another one has made."""
    first, own = filled(tmp_path, blocks=1, rows=5), filled(tmp_path, blocks=1, rows=3, seed=1)
    table = Results(tmp_path).runs(first.id)
    made = table["run"]
    table = table.drop_columns(list(ORIGIN.names))
    table = table.set_column(0, table.schema.field(0), [[own.id] * 5])
    table = table.set_column(1, table.schema.field(1), [np.arange(100, 105)])
    table = table.append_column(ORIGIN.field(0), [[first.id] * 5])
    table = table.append_column(ORIGIN.field(1), made)
    name, entry = earlier_runs.write(tmp_path, own.id, 0, [table], table.schema)
    assert records.load(tmp_path, own.id) == own, "not listed yet"
    return tmp_path, first, earlier_runs.listed(tmp_path, own, {name: entry}, [first.id])


def test_copies_are_runs_like_others_once_the_record_lists_them(copied):
    root, first, own = copied
    assert own == records.load(root, own.id)
    assert (own.history.brought, own.counts["skipped"]) == (5, 5)
    assert records.is_whole(own)
    merged = compact(root, own.id)
    assert list(merged.files) == ["runs.parquet"]
    runs = Results(root).runs(own.id).sort_by("run").to_pylist()
    assert [run["run"] for run in runs] == [0, 1, 2, 100, 101, 102, 103, 104]
    assert [run["origin"] for run in runs] == [None] * 3 + [first.id] * 5
    assert [run["origin_run"] for run in runs] == [None] * 3 + [0, 1, 2, 3, 4]
    assert not (root / "v1" / own.id / "earlier" / "000000.parquet").exists()


def test_what_an_experiment_leaves_out_and_what_it_has_made(copied):
    root, first, own = copied
    hashes = Results(root).runs(first.id)["config_hash"].combine_chunks()
    assert earlier_runs.brought(root, own).tolist() == sorted(key_set.arrow_keys(hashes).tolist())
    assert earlier_runs.brought(root, first).size == 0
    assert sorted(earlier_runs.own(root, own)) == [0, 1, 2]
