import dataclasses

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from store.errors import DamagedFile
from store.files import backend, local
from store.files.paths import experiment_folder
from store.query.results import Results
from store.records import experiment as records
from store.records.files import FileRecord
from store.runs import compaction, external_sort, manifest, parquet
from store.runs.blocks import finished, write_block
from store.runs.compaction import compact
from tests.store.made_runs import (
    SEARCH,
    add_blocks,
    error_table,
    filled,
    finish,
    new_experiment,
    run_table,
)


class Killed(BaseException):
    pass


@pytest.fixture(autouse=True)
def small_parts(monkeypatch):
    """So that a hundred rows are many parts and row groups."""
    monkeypatch.setattr(parquet, "ROW_GROUP", 10)
    monkeypatch.setattr(external_sort, "PART_ROWS", 35)


def by_run(table):
    """The rows in an order of their own, as bytes, so that NaN equals NaN."""
    return parquet.encode(table.sort_by("run"))


def with_nan(experiment_id, first, n, seed):
    table = run_table(experiment_id, first, n, seed)
    sharpe = table["sharpe"].to_numpy().copy()
    sharpe[::7], sharpe[3::9], sharpe[5] = np.nan, 0.25, np.inf
    return table.set_column(table.schema.get_field_index("sharpe"), "sharpe", pa.array(sharpe))


def test_rows_are_the_same_and_best_first_with_infinity_and_nan_last(root):
    experiment = filled(root, blocks=4, rows=40, table=with_nan)
    before = Results(root).runs(experiment.id)
    after = compact(root, experiment.id)
    table = Results(root).runs(experiment.id)
    assert by_run(table) == by_run(before)
    sharpe, run = table["sharpe"].to_numpy(), table["run"].to_numpy()
    expected = sorted(
        zip(-sharpe, run, strict=True),
        key=lambda pair: (np.isnan(pair[0]), np.isinf(pair[0]), *pair),
    )
    assert run.tolist() == [number for _, number in expected]
    assert list(after.files) == ["runs.parquet"]
    assert after.files["runs.parquet"].blocks == ((0, 3),)
    folder = experiment_folder(root, experiment.id)
    assert {"experiment.json", "runs.parquet"} <= set(backend.names(folder))
    assert backend.names(folder / "blocks") == []
    assert records.load(root, experiment.id) == after


def test_the_merged_file_is_as_recorded_and_in_row_groups(root):
    experiment = filled(root, blocks=3, rows=40)
    entry = compact(root, experiment.id).files["runs.parquet"]
    path = experiment_folder(root, experiment.id) / "runs.parquet"
    parquet.check_whole(path, entry)
    parquet.check_footer(path, entry)
    content = path.read_bytes()
    assert (entry.rows, entry.bytes) == (120, len(content))
    groups = pq.read_metadata(pa.BufferReader(content))
    assert max(groups.row_group(i).num_rows for i in range(groups.num_row_groups)) == 10
    again = filled(root / "again", blocks=3, rows=40, id=experiment.id)
    assert compact(root / "again", again.id).files["runs.parquet"] == entry


def test_the_lowest_is_best_when_the_search_minimises(tmp_path):
    search = {**SEARCH, "metric": "max_drawdown", "mode": "min"}
    experiment = filled(tmp_path, search=search)
    compact(tmp_path, experiment.id)
    values = Results(tmp_path).runs(experiment.id)["max_drawdown"].to_numpy()
    assert (np.diff(values) >= 0).all()


def test_blocks_of_other_strategies_get_nulls(tmp_path):
    experiment = new_experiment(tmp_path)
    tables = [
        run_table(experiment.id, 0, 5, params={"fast": int}),
        run_table(experiment.id, 5, 5, params={"fast": float, "period": int}, strategy="rsi"),
    ]
    add_blocks(tmp_path, experiment, tables)
    compact(tmp_path, experiment.id)
    table = Results(tmp_path).runs(experiment.id).sort_by("run")
    assert table["params.period"].to_pylist()[:5] == [None] * 5
    assert table["params.period"].to_pylist()[5:] == tables[1]["params.period"].to_pylist()
    assert table["params.fast"].to_pylist() == pc.cast(tables[0]["params.fast"], "double").to_pylist() + tables[1]["params.fast"].to_pylist()  # fmt: skip  # noqa: E501


def test_committed_files_that_the_record_missed_are_taken_in(root):
    experiment = filled(root, blocks=1)
    folder = experiment_folder(root, experiment.id)
    write_block(folder / "errors", 1, error_table(experiment.id))
    write_block(folder / "blocks", 1, run_table(experiment.id, 40))
    assert manifest.done_blocks(root, experiment) == {0, 1}
    assert list(manifest.with_committed(root, experiment).files) == [
        "blocks/000000.parquet",
        "blocks/000001.parquet",
        "errors/000001.parquet",
    ]
    after = compact(root, experiment.id)
    assert list(after.files) == ["runs.parquet", "errors/000001.parquet"]
    assert after.files["runs.parquet"].rows == 80


def test_compacting_again_changes_nothing_and_more_blocks_merge_into_a_new_file(root):
    experiment = filled(root, blocks=2)
    once = compact(root, experiment.id)
    assert compact(root, experiment.id) == once
    more = add_blocks(root, once, [run_table(experiment.id, 200)], first=5)
    assert Results(root).runs(more.id).num_rows == 120, "both files are read"
    after = compact(root, experiment.id)
    assert list(after.files) == ["runs-2.parquet"]
    assert after.files["runs-2.parquet"].blocks == ((0, 1), (5, 5))
    assert manifest.done_blocks(root, after) == {0, 1, 5}
    assert Results(root).runs(after.id).num_rows == 120
    assert not (experiment_folder(root, after.id) / "runs.parquet").exists()


def test_no_runs_no_file(tmp_path):
    experiment = new_experiment(tmp_path)
    assert compact(tmp_path, experiment.id).files == {}
    add_blocks(tmp_path, experiment, [run_table(experiment.id, n=0)])
    assert compact(tmp_path, experiment.id).files["runs.parquet"].rows == 0
    assert Results(tmp_path).runs(experiment.id).num_rows == 0


STEPS = [
    (parquet, "check_whole"),
    (compaction, "write_sorted"),
    (external_sort, "_ranks"),
    (external_sort, "_scattered"),
    (external_sort, "_in_order"),
    (external_sort, "write_tables"),
    (local, "publish"),
    (local, "sync"),
    (compaction, "save"),
    (compaction, "_drop_unlisted"),
    (local, "sweep_temporaries"),
]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("module", "name"), STEPS, ids=[name for _, name in STEPS])
def test_killed_at_any_step_nothing_is_lost_or_doubled(module, name, after, tmp_path, monkeypatch):
    experiment = filled(tmp_path, blocks=3)
    before = by_run(Results(tmp_path).runs(experiment.id))
    real = getattr(module, name)

    def die(*args):
        if after:
            real(*args)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, name, die)
        patch.setattr(local, "_remove", lambda _draft: None)
        with pytest.raises(Killed):
            compact(tmp_path, experiment.id)
    assert by_run(Results(tmp_path).runs(experiment.id)) == before
    assert manifest.done_blocks(tmp_path, records.load(tmp_path, experiment.id)) == {0, 1, 2}
    assert list(compact(tmp_path, experiment.id).files) == ["runs.parquet"]
    assert by_run(Results(tmp_path).runs(experiment.id)) == before
    assert finished(experiment_folder(tmp_path, experiment.id) / "blocks") == []


def test_killed_while_dropping_the_old_files(tmp_path, monkeypatch):
    experiment = filled(tmp_path, blocks=3)
    before = by_run(Results(tmp_path).runs(experiment.id))
    real, dropped = compaction.Path.unlink, []

    def unlink(path, **options):
        if path.parent.name == "blocks":
            dropped.append(path)
            if len(dropped) == 2:
                raise Killed
        real(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(compaction.Path, "unlink", unlink)
        with pytest.raises(Killed):
            compact(tmp_path, experiment.id)
    folder = experiment_folder(tmp_path, experiment.id)
    assert len(finished(folder / "blocks")) == 2, "left over, merged already"
    assert manifest.done_blocks(tmp_path, records.load(tmp_path, experiment.id)) == {0, 1, 2}
    assert by_run(Results(tmp_path).runs(experiment.id)) == before
    compact(tmp_path, experiment.id)
    assert finished(folder / "blocks") == []
    assert by_run(Results(tmp_path).runs(experiment.id)) == before


def test_a_straggler_that_commits_meanwhile_is_not_dropped(root, monkeypatch):
    experiment = filled(root, blocks=2)
    folder = experiment_folder(root, experiment.id)
    real = compaction.save

    def save(*args):
        write_block(folder / "blocks", 9, run_table(experiment.id, 900))
        write_block(folder / "blocks", 1, run_table(experiment.id, 40))  # merged already
        real(*args)

    monkeypatch.setattr(compaction, "save", save)
    compact(root, experiment.id)
    assert finished(folder / "blocks") == [9]
    after = compact(root, experiment.id)
    assert after.files["runs-2.parquet"].rows == 120


def test_a_reader_in_the_middle_of_it_follows_to_the_new_file(root):
    experiment = filled(root, blocks=3)
    results = Results(root)
    before = by_run(results.runs(experiment.id))
    read = []

    def action(runs):
        if not read:
            read.append(compact(root, experiment.id))
        return runs.to_table()

    assert by_run(results._shelf.read(experiment.id, action)) == before


def test_a_damaged_block_stops_it_before_anything_is_changed(root):
    experiment = filled(root, blocks=3)
    path = experiment_folder(root, experiment.id) / "blocks" / "000001.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    backend.replace(path, bytes(content))
    with pytest.raises(DamagedFile, match=r"000001\.parquet: has SHA-256"):
        compact(root, experiment.id)
    assert records.load(root, experiment.id) == experiment
    assert finished(path.parent) == [0, 1, 2]


def test_a_metric_that_no_run_has_is_named(tmp_path):
    experiment = filled(tmp_path)
    finish(tmp_path, experiment, search={**SEARCH, "metric": "luck"})
    with pytest.raises(ValueError, match=r"search\.metric: the runs have no column 'luck'"):
        compact(tmp_path, experiment.id)


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [([], []), ([3], [(3, 3)]), ([5, 1, 0, 2, 7, 6], [(0, 2), (5, 7)])],
)
def test_ranges(numbers, expected, tmp_path):
    assert manifest.ranges(numbers) == expected
    experiment = new_experiment(tmp_path)
    files = {"runs.parquet": FileRecord(rows=0, bytes=0, sha256="", blocks=tuple(expected))}
    assert manifest.merged(dataclasses.replace(experiment, files=files)) == set(numbers)


def test_large_files_of_a_large_experiment_stay_in_the_order_of_their_numbers(root, monkeypatch):
    monkeypatch.setattr(compaction, "LEFT_ROWS", 120)
    monkeypatch.setattr(compaction, "LARGE_ROWS", 40)
    experiment = filled(root, blocks=3, rows=40, table=with_nan)
    before = Results(root).top("sharpe", 7, experiment.id)
    late_first = dict(reversed(experiment.files.items()))
    records.save(root, dataclasses.replace(experiment, files=late_first))
    assert not compaction.merges(experiment)
    after = compact(root, experiment.id)
    assert list(after.files) == [f"blocks/00000{number}.parquet" for number in range(3)]
    assert records.load(root, experiment.id) == after == compact(root, experiment.id)
    assert Results(root).top("sharpe", 7, experiment.id) == before
    assert Results(root).runs(experiment.id)["run"].to_pylist() == list(range(120))


@pytest.mark.parametrize(("rows", "large"), [(121, 40), (120, 41)])
def test_too_few_runs_or_too_small_files_are_merged(root, monkeypatch, rows, large):
    monkeypatch.setattr(compaction, "LEFT_ROWS", rows)
    monkeypatch.setattr(compaction, "LARGE_ROWS", large)
    experiment = filled(root, blocks=3, rows=40)
    assert compaction.merges(experiment)
    assert list(compact(root, experiment.id).files) == ["runs.parquet"]
