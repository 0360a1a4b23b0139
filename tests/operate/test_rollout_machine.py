"""Any order of start, advance, hold, resume, rollback and kill leaves one valid story."""

import shutil
from contextlib import chdir, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from operate.records.clock import now_of
from operate.records.desk import Place
from operate.records.rollout_state import DONE, HELD, ROLLED_BACK, RUNNING, SHADOW, rollout_of
from operate.rollout import acts
from operate.rollout.plan import load
from operate.target.reader import read_target
from promote.audit import audit_log
from promote.profiles.files import find
from store.errors import StoreError
from tests.operate.operated import Operated

ANN = "ann@example.org"


class Killed(BaseException):
    """An end between two steps."""


class Story(RuleBasedStateMachine):
    """One profile; `state` is what it has to be, worked out without the code under test."""

    template = Path()

    @initialize()
    def begin(self):
        self.folder = TemporaryDirectory()
        shutil.copytree(self.template, self.folder.name, dirs_exist_ok=True)
        self.here = chdir(self.folder.name)
        self.here.__enter__()
        self.place = Place(Operated.desk, now_of(None))
        self.state, self.stage, self.changes = None, 0, 0
        self.last = len(load("standard").stages) - 1

    def teardown(self):
        if hasattr(self, "here"):
            self.here.__exit__(None, None, None)
            self.folder.cleanup()

    def act(self, work, killed, state, stage):
        """Do it; a killed one has changed the registry and nothing else."""
        with pytest.MonkeyPatch.context() as end:
            if killed:
                end.setattr(acts, "settle", self.die)
            with suppress(Killed):
                work()
        self.state, self.stage, self.changes = state, stage, self.changes + 1
        if killed:
            acts.settle(self.place, "fast")  # as the next command does

    @staticmethod
    def die(*_):
        raise Killed

    def own(self):
        return rollout_of(self.place.registry, "fast")[1]

    def at(self, stage):
        return DONE if stage == self.last else SHADOW if stage == 0 else RUNNING

    def killed_or_not(self):
        return self.changes % 2 == 1

    @rule()
    def start(self):
        def work():
            acts.start(self.place, find(Path("profiles"), "fast"), load("standard"), ANN)

        if self.state in (None, ROLLED_BACK, DONE):
            self.act(work, self.killed_or_not(), SHADOW, 0)
        else:
            self.refused(work)

    @precondition(lambda self: self.state in (SHADOW, RUNNING))
    @rule()
    def advance(self):
        at = self.stage + 1
        work = lambda: acts.advance(self.place, self.own(), ANN)  # noqa: E731
        self.act(work, self.killed_or_not(), self.at(at), at)

    @precondition(lambda self: self.state is not None)
    @rule()
    def hold(self):
        work = lambda: acts.hold(self.place, self.own(), ANN, "a holiday")  # noqa: E731
        if self.state in (HELD, ROLLED_BACK):
            self.refused(work)
        else:
            self.act(work, self.killed_or_not(), HELD, self.stage)

    @precondition(lambda self: self.state is not None)
    @rule()
    def resume(self):
        work = lambda: acts.resume(self.place, self.own(), ANN, "back")  # noqa: E731
        if self.state == ROLLED_BACK:
            self.refused(work)
        else:
            self.act(work, self.killed_or_not(), self.at(self.stage), self.stage)

    @precondition(lambda self: self.state is not None)
    @rule()
    def roll_back(self):
        work = lambda: acts.roll_back(self.place, self.own(), ANN, "no")  # noqa: E731
        if self.state == ROLLED_BACK:
            self.refused(work)
        else:
            self.act(work, self.killed_or_not(), ROLLED_BACK, self.stage)

    def refused(self, work):
        try:
            work()
        except StoreError:
            return
        raise AssertionError(f"{self.state}: was not refused")

    @invariant()
    def one_story(self):
        if getattr(self, "state", None) is None:
            return
        own = self.own()
        assert (own.state, own.stage, own.changes) == (self.state, self.stage, self.changes)
        events = [e for e in self.place.registry.events("fast") if "change" in e.facts]
        assert [e.facts["change"] for e in events] == list(range(1, self.changes + 1))
        bodies = [link.body for link in audit_log.entries(Path("profiles"))]
        audited = [body["change"] for body in bodies if body["kind"] == "rollout"]
        assert audited == list(range(1, self.changes + 1))
        target = read_target("results/targets/fast.json", now=0)
        assert target["capital"] == own.capital
        assert (target["side"] == "flat") or own.state != ROLLED_BACK


@pytest.mark.parametrize("stories", [2, pytest.param(20, marks=pytest.mark.kill)])
def test_any_order_of_acts_and_kills_tells_one_story(template, stories):
    planted = type("Planted", (Story,), {"template": template})
    chosen = settings(max_examples=stories, stateful_step_count=10, deadline=None, database=None)
    run_state_machine_as_test(planted, settings=chosen)
