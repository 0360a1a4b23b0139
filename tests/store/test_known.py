import numpy as np
import pytest

from store import experiment as records
from store import keys, known, places
from store.compaction import compact
from store.errors import DamagedFile
from store.paths import experiment_folder, known_file
from store.results import Results
from tests.store.counted import NASDAQ, SP500, commit, ended, started
from tests.store.runs import filled, finish


def hashes(root, experiment):
    """Keys of the config hashes of an experiment's runs."""
    column = Results(root).runs(experiment.id)["config_hash"].combine_chunks()
    return set(keys.arrow_keys(column).tolist())


def test_done_runs_are_those_of_all_blocks_merged_listed_or_neither(root):
    merged, listed = filled(root), filled(root, seed=1)
    wanted = hashes(root, merged) | hashes(root, listed)
    compact(root, merged.id)
    loose = started(root, [NASDAQ])
    commit(root, loose, 0, range(9))
    ids = [merged.id, listed.id, loose.id]
    found, faults = known.done_runs(root, ids)
    wanted |= hashes(root, ended(root, loose))
    assert (set(found.tolist()), faults) == (wanted, [])
    assert np.all(np.diff(found.astype(object)) > 0)


def test_pruned_and_failed_runs_are_not_done(tmp_path):
    experiment = started(tmp_path, [NASDAQ])
    commit(tmp_path, experiment, 0, range(5), status="pruned")
    commit(tmp_path, experiment, 1, range(5), kind="errors")
    found, faults = known.done_runs(tmp_path, [experiment.id])
    assert (found.size, faults) == (0, [])


def test_damaged_and_deleted_experiments_are_named_and_left_out(root):
    good, bad = filled(root), filled(root, seed=1)
    block = experiment_folder(root, bad.id) / "blocks" / "000000.parquet"
    places.replace(block, block.read_bytes()[:-30])
    found, faults = known.done_runs(root, [good.id, bad.id, "exp-gone"])
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
    assert known.related(tmp_path, [NASDAQ], "1", {}) == [made[2].id, made[0].id]
    assert known.related(tmp_path, [SP500._replace(strategy="rsi")], "1", {}) == []


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
        groups = [group | {"metrics": metrics} for group in made.groups]
        names.append(finish(tmp_path, made, versions={"kernel": "1"}, groups=groups).id)
    wanted = {"metrics.tail": "ab"}
    assert known.related(tmp_path, [NASDAQ], "1", wanted) == [names[3], names[1]]
    assert known.related(tmp_path, [NASDAQ], "1", {}) == names[::-1]


@pytest.fixture
def skipping(root):
    """An experiment that leaves out the runs of another one; nothing is saved for it yet."""
    other = filled(root)
    experiment = started(root, [NASDAQ])
    return other, finish(root, experiment, history={"skips_runs_of": [other.id]})


def test_what_is_left_out_is_what_was_decided_at_the_start(root, skipping):
    _, experiment = skipping
    decided = np.array([3, 5], np.uint64)
    known.save(root, experiment.id, decided)
    assert known.load(root, experiment).tolist() == [3, 5]
    plain = started(root, [NASDAQ])
    assert known.load(root, plain).size == 0


def test_killed_before_it_was_saved_it_is_decided_again(root, skipping):
    other, experiment = skipping
    assert set(known.load(root, experiment).tolist()) == hashes(root, other)
    assert known_file(root, experiment.id).exists()


def test_lost_with_blocks_committed_it_is_not_guessed(root, skipping):
    _, experiment = skipping
    commit(root, experiment, 0, range(3))
    with pytest.raises(DamagedFile, match=r"known.keys: is missing; .* or sweep with force=true"):
        known.load(root, records.load(root, experiment.id))
