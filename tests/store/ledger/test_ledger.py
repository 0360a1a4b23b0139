"""The ledger against plain sets: experiments that overlap, repeat, fail, and are killed."""

import json
import shutil
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from typer.testing import CliRunner

from store.cli.app import app
from store.files import hash_chain
from store.files.paths import experiment_folder
from store.ledger import ledger, recovery, verify
from store.query.results import Results
from store.records import experiment as records
from store.runs.compaction import compact
from tests.store.counted import NASDAQ, SP500, commit, ended, started, swept
from tests.store.made_runs import filled, finish

ROOT = Path(__file__).resolve().parents[3]


class Crash(Exception):
    """A kill at some instant."""


class Ledger(RuleBasedStateMachine):
    """Any order of sweeps, kills and deletions counts what a set would hold."""

    def __init__(self):
        super().__init__()
        self.root = Path(self.folder.mktemp("store"))
        self.experiments, self.made = {}, 0
        self.model = defaultdict(set)

    folder = None  # set by the test
    keys = st.lists(st.integers(0, 12), min_size=1, max_size=6, unique=True)

    @rule()
    def start(self):
        self.made += 1
        experiment = started(self.root, number=self.made)
        self.experiments[experiment.id] = (experiment, [])

    @precondition(lambda self: self.experiments)
    @rule(
        pick=st.randoms(use_true_random=False),
        tried=keys,
        group=st.integers(0, 1),
        kind=st.sampled_from(["blocks", "errors"]),
    )
    def commit(self, pick, tried, group, kind):
        experiment, blocks = self.experiments[pick.choice(sorted(self.experiments))]
        finish(self.root, records.load(self.root, experiment.id), status="running")
        commit(self.root, experiment, len(blocks), tried, group, kind)
        blocks.append(((NASDAQ, SP500)[group], tried))

    @precondition(lambda self: self.experiments)
    @rule(
        pick=st.randoms(use_true_random=False),
        where=st.sampled_from(["", "before keys", "before entry", "after entry"]),
    )
    def record(self, pick, where):
        name = pick.choice(sorted(self.experiments))
        with pytest.MonkeyPatch.context() as patch:
            inject(patch, where)
            try:
                ledger.record(self.root, name)
            except Crash:
                if where != "after entry":
                    return
        self.count(name)

    @rule()
    def restart(self):
        assert recovery.catch_up(self.root) == []
        for name in self.experiments:
            self.count(name)

    @precondition(lambda self: self.experiments)
    @rule(pick=st.randoms(use_true_random=False))
    def delete(self, pick):
        name = pick.choice(sorted(self.experiments))
        del self.experiments[name]
        shutil.rmtree(experiment_folder(self.root, name))

    @precondition(lambda self: self.experiments)
    @rule(pick=st.randoms(use_true_random=False))
    def compact(self, pick):
        compact(self.root, pick.choice(sorted(self.experiments)))

    def count(self, name):
        for subject, tried in self.experiments[name][1]:
            self.model[subject] |= set(tried)

    @invariant()
    def counts_are_those_of_the_sets(self):
        for subject in (NASDAQ, SP500):
            assert ledger.count(self.root, *subject) == len(self.model[subject])

    @invariant()
    def nothing_is_wrong(self):
        assert verify.verify(self.root) == []


def inject(patch, where):
    """Make `ledger.record` crash at an instant."""
    append = hash_chain.append

    def crash(*_):
        raise Crash

    def append_then_crash(*arguments):
        append(*arguments)
        raise Crash

    if where == "before keys":
        patch.setattr("store.ledger.ledger.backend.put_if_absent", crash)
    elif where:
        then = crash if where == "before entry" else append_then_crash
        patch.setattr("store.ledger.ledger.hash_chain.append", then)


def test_any_order_of_sweeps_kills_and_deletions_counts_exactly(tmp_path_factory):
    Ledger.folder = tmp_path_factory
    run = settings(max_examples=10, stateful_step_count=20, deadline=None)
    run_state_machine_as_test(Ledger, settings=run)


def test_each_configuration_counts_once_whoever_tried_it(root):
    swept(root, [1, 2, 3])
    swept(root, [3, 4], number=1)
    swept(root, [1, 2], number=2)
    swept(root, [1, 2], SP500, number=3)
    assert ledger.counts(root) == {NASDAQ: 4, SP500: 2}
    assert ledger.count(root, "NASDAQ", "0" * 64, "sma") == 0
    assert [entry.new for entry in ledger.entries(root)] == [
        {NASDAQ: 3},
        {NASDAQ: 1},
        {SP500: 2},
    ]


def test_other_data_and_other_strategies_are_counted_by_themselves(tmp_path):
    subjects = [NASDAQ, NASDAQ._replace(fingerprint="ef" * 32), NASDAQ._replace(strategy="rsi")]
    experiment = started(tmp_path, subjects)
    for group in range(3):
        commit(tmp_path, experiment, group, [1, 2, group + 3], group)
    ended(tmp_path, experiment)
    assert ledger.counts(tmp_path) == dict.fromkeys(sorted(subjects), 3)
    assert len(ledger.entries(tmp_path)) == 1


def test_a_configuration_on_many_windows_counts_once(root):
    swept(root, [5] * 6 + [6] * 6)
    assert ledger.count(root, *NASDAQ) == 2


def test_failed_and_pruned_configurations_count(root):
    experiment = started(root, [NASDAQ])
    commit(root, experiment, 0, [1], kind="errors")
    commit(root, experiment, 1, [2], status="pruned")
    commit(root, experiment, 2, [3])
    ended(root, experiment, "failed")
    assert ledger.count(root, *NASDAQ) == 3
    assert verify.verify(root) == []


def test_recording_again_appends_nothing_and_going_on_appends_the_rest(root):
    experiment = started(root, [NASDAQ])
    commit(root, experiment, 0, [1, 2])
    ended(root, experiment, "interrupted")
    assert ledger.record(root, experiment.id) is None
    commit(root, experiment, 1, [2, 3])
    assert ledger.record(root, experiment.id).new == {NASDAQ: 1}
    compact(root, experiment.id)
    assert ledger.record(root, experiment.id) is None


def test_deleting_an_experiment_never_lowers_the_count(tmp_path):
    first = swept(tmp_path, [1, 2])
    shutil.rmtree(experiment_folder(tmp_path, first.id))
    assert ledger.count(tmp_path, *NASDAQ) == 2
    swept(tmp_path, [1, 2], number=1)
    assert ledger.count(tmp_path, *NASDAQ) == 2
    assert verify.verify(tmp_path) == []


def test_records_older_than_the_ledger_are_left_alone(tmp_path):
    old = filled(tmp_path)
    assert ledger.record(tmp_path, old.id) is None
    assert verify.verify(tmp_path) == []


def test_a_race_is_lost_by_reading_again(root, monkeypatch):
    """Somebody appends, after this process has read the chain and before it appends itself."""
    mine, others = started(root, [NASDAQ]), started(root, [NASDAQ], 1)
    commit(root, mine, 0, [1, 2, 3])
    commit(root, others, 0, [3, 4])
    append, pending = hash_chain.append, [others.id]

    def overtaken(*arguments):
        if pending:
            assert ledger.record(root, pending.pop()).number == 1
        return append(*arguments)

    monkeypatch.setattr("store.ledger.ledger.hash_chain.append", overtaken)
    entry = ledger.record(root, mine.id)
    assert (entry.number, entry.new) == (2, {NASDAQ: 2})
    assert ledger.count(root, *NASDAQ) == 4
    assert verify.verify(root) == []


RECORD = """
import sys
from store.ledger import ledger
sys.stdin.readline()
for name in sys.argv[2:]:
    ledger.record(sys.argv[1], name)
"""


def test_processes_that_record_at_once_lose_nothing_and_count_nothing_twice(tmp_path):
    tried = [range(start, start + 15) for start in range(0, 120, 10)]
    experiments = []
    for number, one in enumerate(tried):
        experiments.append(started(tmp_path, [NASDAQ], number))
        commit(tmp_path, experiments[-1], 0, one)
    names = [experiment.id for experiment in experiments]
    shares = [names[0:6], names[6:12], names[3:9]]
    command = [sys.executable, "-c", RECORD, str(tmp_path)]
    writers = [
        subprocess.Popen([*command, *share], cwd=ROOT, stdin=subprocess.PIPE, text=True)
        for share in shares
    ]
    for writer in writers:
        writer.stdin.write("go\n")
        writer.stdin.flush()
    assert [writer.wait(timeout=60) for writer in writers] == [0, 0, 0]
    for writer in writers:
        writer.stdin.close()
    for experiment in experiments:
        finish(tmp_path, records.load(tmp_path, experiment.id), status="interrupted")
    assert ledger.count(tmp_path, *NASDAQ) == len(set().union(*tried))
    assert verify.verify(tmp_path) == []


@pytest.fixture
def call(tmp_path):
    swept(tmp_path, [1, 2, 3])
    swept(tmp_path, [3, 4], number=1)
    swept(tmp_path, [1, 2], SP500, number=2)
    return lambda *words: CliRunner().invoke(app, ["ledger", *words, "--root", str(tmp_path)])


def test_the_verb_shows_the_counts(call):
    lines = [line.split() for line in call().stdout.splitlines()]
    assert ["sma", "NASDAQ", "ababababab", "4", "2"] in [line[:5] for line in lines]
    assert ["sma", "SP500", "cdcdcdcdcd", "2", "1"] in [line[:5] for line in lines]
    assert "SP500" not in call("--symbol", "NASDAQ").stdout
    assert "Nothing was counted" in call("--strategy", "rsi").stdout


def test_the_verb_as_json(call, tmp_path):
    rows = json.loads(call("--json").stdout)
    assert [(row["symbol"], row["new"], row["total"]) for row in rows] == [
        ("NASDAQ", 3, 3), ("NASDAQ", 1, 4), ("SP500", 2, 2),
    ]  # fmt: skip
    assert [row["digest"] for row in rows] == [one.digest for one in ledger.entries(tmp_path)]
    assert json.loads(call("--symbol", "SP500", "--json").stdout) == rows[2:]


def test_the_verb_verifies(call, tmp_path):
    whole = call("--verify")
    assert (whole.exit_code, whole.stdout.count("\n")) == (0, 1)
    assert json.loads(call("--verify", "--json").stdout) == {"faults": []}
    (tmp_path / "ledger" / "000002.json").unlink()
    broken = call("--verify")
    assert broken.exit_code == 3
    assert "000002.json: is missing" in broken.stdout.replace("\n", "")
    assert len(json.loads(call("--verify", "--json").stdout)["faults"]) == 1
    shown = call()
    assert shown.exit_code == 2
    assert shown.stderr.count("\n") == 1


def test_the_view(call, tmp_path):
    found = Results(tmp_path).sql('select symbol, sum("new") from ledger group by all order by all')
    assert found.fetchall() == [("NASDAQ", 4), ("SP500", 2)]
    assert Results(tmp_path / "none").sql("select * from ledger").fetchall() == []
