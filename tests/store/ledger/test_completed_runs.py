import numpy as np

from store.files import backend
from store.files.paths import experiment_folder
from store.ledger import completed_runs
from store.query.results import Results
from store.runs import key_set
from store.runs.compaction import compact
from tests.store.counted import NASDAQ, SP500, commit, ended, started
from tests.store.made_runs import filled, finish, group_of


def hashes(root, experiment):
    """Keys of the config hashes of an experiment's runs."""
    column = Results(root).runs(experiment.id)["config_hash"].combine_chunks()
    return set(key_set.arrow_keys(column).tolist())


def test_done_runs_are_those_of_all_blocks_merged_listed_or_neither(root):
    merged, listed = filled(root), filled(root, seed=1)
    wanted = hashes(root, merged) | hashes(root, listed)
    compact(root, merged.id)
    loose = started(root, [NASDAQ])
    commit(root, loose, 0, range(9))
    ids = [merged.id, listed.id, loose.id]
    found, faults = completed_runs.done_runs(root, ids)
    wanted |= hashes(root, ended(root, loose))
    assert (set(found.tolist()), faults) == (wanted, [])
    assert np.all(np.diff(found.astype(object)) > 0)


def test_pruned_and_failed_runs_are_not_done(tmp_path):
    experiment = started(tmp_path, [NASDAQ])
    commit(tmp_path, experiment, 0, range(5), status="pruned")
    commit(tmp_path, experiment, 1, range(5), kind="errors")
    found, faults = completed_runs.done_runs(tmp_path, [experiment.id])
    assert (found.size, faults) == (0, [])


def test_damaged_and_deleted_experiments_are_named_and_left_out(root):
    good, bad = filled(root), filled(root, seed=1)
    block = experiment_folder(root, bad.id) / "blocks" / "000000.parquet"
    backend.replace(block, block.read_bytes()[:-30])
    found, faults = completed_runs.done_runs(root, [good.id, bad.id, "exp-gone"])
    assert set(found.tolist()) == hashes(root, good)
    assert [fault.partition(" ")[0] for fault in faults] == [bad.id, "exp-gone"]


def test_related_experiments_share_a_subject_and_the_kernel(tmp_path):
    made = [
        started(tmp_path, subjects, number)
        for number, subjects in enumerate([[NASDAQ], [SP500], [NASDAQ, SP500], [NASDAQ]])
    ]
    for experiment, kernel in zip(made, ["1", "1", "1", "2"], strict=True):
        finish(tmp_path, experiment, versions={"kernel": kernel})
    filled(tmp_path, versions={"kernel": "1"})  # older than the ledger
    assert completed_runs.related(tmp_path, [NASDAQ], "1", {}) == [made[2].id, made[0].id]
    assert completed_runs.related(tmp_path, [SP500._replace(strategy="rsi")], "1", {}) == []


def test_related_experiments_have_the_same_metrics_of_the_users_own(tmp_path):
    own = [
        {},
        {"metrics.tail": "ab"},
        {"metrics.tail": "cd"},
        {"metrics.tail": "ab", "metrics.x": ""},
    ]
    names = []
    for number, metrics in enumerate(own):
        made = started(tmp_path, [NASDAQ], number)
        groups = [group_of(group, metrics=metrics) for group in made.groups]
        names.append(finish(tmp_path, made, versions={"kernel": "1"}, groups=groups).id)
    wanted = {"metrics.tail": "ab"}
    assert completed_runs.related(tmp_path, [NASDAQ], "1", wanted) == [names[3], names[1]]
    assert completed_runs.related(tmp_path, [NASDAQ], "1", {}) == names[::-1]


def test_runs_without_the_columns_that_are_wanted_are_not_found(root):
    experiment = filled(root)
    assert completed_runs.done_runs(root, [experiment.id], ["sharpe"])[0].size
    assert not completed_runs.done_runs(root, [experiment.id], ["sharpe", "a_later_metric"])[0].size
