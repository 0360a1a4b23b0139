"""A promotion that is cut off at any instant has happened or has not; the next command sees to it.

Every file is synced as it is written and again under its own name, so that a cut at each sync comes
between every two steps, and within each.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from promote.audit import audit_log, git
from promote.audit.journal import JOURNAL, settle
from promote.config import Conf
from promote.profiles.files import find, names
from promote.promotion.apply import apply
from promote.promotion.approval import approval_of, approve
from promote.promotion.transaction import Desk
from promote.promotion.verify import verify
from store.errors import DamagedFile, StoreError
from store.registry import Registry, open_registry
from tests.promote.promoted import desk_in, everything, judged, promoted, wish

ROOT = Path(__file__).resolve().parents[3]


class PowerCut(BaseException):
    """Ends the process as far as it can be told from within."""


def cut_at(monkeypatch, place):
    """Cut the power at the `place`th sync from now on."""
    left = iter(range(1, place))
    real = os.fsync

    def sync(descriptor):
        if next(left, None) is None:
            raise PowerCut
        real(descriptor)

    monkeypatch.setattr(os, "fsync", sync)


def faults(desk):
    return [fault for one in verify(desk.root, desk.conf, "scalp") for fault in one.faults]


def happened(desk):
    """Whether the promotion has happened; asserts that it has not happened by halves."""
    assert not (desk.profiles / JOURNAL).exists()
    if not names(desk.profiles):
        assert everything(desk.profiles) == {}
        assert open_registry(desk.root).promotions() == []
        return False
    assert faults(desk) == []
    assert len(audit_log.entries(desk.profiles)) == len(open_registry(desk.root).promotions()) == 1
    assert len(everything(desk.profiles)) == 7
    return True


def test_a_promotion_is_never_half_done(tmp_path, template, monkeypatch):
    desk = desk_in(tmp_path / "0", template)
    judgement = judged(desk)
    told = []
    for place in range(1, 99):
        desk = desk_in(tmp_path / str(place), template)
        with monkeypatch.context() as patch:
            cut_at(patch, place)
            try:
                apply(desk, judgement, wish())
            except PowerCut:
                pass
            else:
                break
        settle(desk.profiles)
        told.append(happened(desk))
    assert told == sorted(told)  # once it is bound to happen, it happens
    assert told.count(False) >= 2
    assert told.count(True) >= 15


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_registry_is_told_once(tmp_path, template, monkeypatch, when):
    desk = desk_in(tmp_path, template)
    real = Registry.promote

    def cut(registry, promotion):
        if when == "after":
            real(registry, promotion)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "promote", cut)
        with pytest.raises(PowerCut):
            promoted(desk)
    assert settle(desk.profiles) == "promoted scalp/v1"
    assert happened(desk)
    assert settle(desk.profiles) is None


def test_a_finish_that_is_cut_off_is_finished(tmp_path, template, monkeypatch):
    desk = desk_in(tmp_path, template)
    with monkeypatch.context() as patch:
        cut_at(patch, 8)
        with pytest.raises(PowerCut):
            promoted(desk)
    assert (desk.profiles / JOURNAL).exists()
    for place in range(1, 99):
        with monkeypatch.context() as patch:
            cut_at(patch, place)
            try:
                settle(desk.profiles)
            except PowerCut:
                continue
            break
    assert place > 3
    assert happened(desk)


def test_an_approval_is_never_half_done(tmp_path, template, monkeypatch):
    first = desk_in(tmp_path / "0", template)
    profile = promoted(first).profile
    for place in range(1, 99):
        shutil.copytree(tmp_path / "0", tmp_path / str(place))
        folder = tmp_path / str(place)
        desk = Desk(folder / "results", Conf(folder / "profiles"))
        with monkeypatch.context() as patch:
            cut_at(patch, place)
            try:
                approve(desk, "scalp", "bob")
            except PowerCut:
                pass
            else:
                break
        settle(desk.profiles)
        there = approval_of(desk, profile) is not None
        assert there == (desk.profiles / "scalp" / "v1.approval.yaml").exists()
        assert there == bool(open_registry(desk.root).approvals())
        assert faults(desk) == []
    assert place >= 10


def test_a_registry_that_does_not_answer_is_told_later(tmp_path, template, monkeypatch):
    desk = desk_in(tmp_path, template)

    def refuse(*_):
        raise StoreError("registry: does not answer")

    with monkeypatch.context() as patch:
        patch.setattr(Registry, "promote", refuse)
        with pytest.raises(
            StoreError, match="promoted scalp/v1: the next command does what is left"
        ):
            promoted(desk)
        with pytest.raises(StoreError, match="does not answer"):
            settle(desk.profiles)
    settle(desk.profiles)
    assert happened(desk)


def test_a_journal_that_was_touched_is_not_believed(tmp_path, template, monkeypatch):
    desk = desk_in(tmp_path, template)
    with monkeypatch.context() as patch:
        cut_at(patch, 8)
        with pytest.raises(PowerCut):
            promoted(desk)
    path = desk.profiles / JOURNAL
    text = path.read_text()
    for other in (text.replace("scalp/v1.yaml", "../v1.yaml"), "{", "{}", '{"intent": 1}'):
        path.write_text(other)
        with pytest.raises(DamagedFile, match="is no journal"):
            settle(desk.profiles)
    assert not (tmp_path / "v1.yaml").exists()


def test_a_file_in_the_way_stops_it_until_it_is_gone(tmp_path, template):
    desk = desk_in(tmp_path, template)
    way = desk.profiles / "scalp" / "v1.report.md"
    way.parent.mkdir(parents=True)
    way.write_text("mine")
    with pytest.raises(StoreError, match=r"v1\.report\.md: is there with another content"):
        promoted(desk)
    assert find_current(desk) is None
    way.unlink()
    settle(desk.profiles)
    assert happened(desk)


def find_current(desk):
    path = desk.profiles / "scalp" / "current"
    return path.read_text() if path.exists() else None


def repository(folder):
    for words in (["init", "-q"], ["config", "user.email", "x@y.z"], ["config", "user.name", "x"]):
        subprocess.run(["git", *words], cwd=folder, check=True)
    (folder / ".gitignore").write_text("results/\n")
    subprocess.run(["git", "add", "."], cwd=folder, check=True)
    subprocess.run(["git", "commit", "-qm", "Begin"], cwd=folder, check=True)


def git_says(folder, *words):
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_commit_that_is_cut_off_is_made_once(tmp_path, template, monkeypatch, when):
    desk = desk_in(tmp_path, template, auto_commit=True)
    repository(tmp_path)
    real = git.commit

    def cut(*words):
        if when == "after":
            real(*words)
        raise PowerCut

    with monkeypatch.context() as patch:
        patch.setattr(git, "commit", cut)
        with pytest.raises(PowerCut):
            promoted(desk)
    settle(desk.profiles)
    assert happened(desk)
    assert git_says(tmp_path, "log", "--format=%s").splitlines() == ["Promoted scalp/v1", "Begin"]
    assert git_says(tmp_path, "status", "--porcelain") == ""


def test_only_its_own_files_are_committed(tmp_path, template):
    desk = desk_in(tmp_path, template, auto_commit=True, allow_dirty=True)
    repository(tmp_path)
    (tmp_path / "mine.txt").write_text("not ready")
    (tmp_path / ".gitignore").write_text("results/\n#\n")
    subprocess.run(["git", "add", "mine.txt"], cwd=tmp_path, check=True)
    promoted(desk)
    assert git_says(tmp_path, "status", "--porcelain").splitlines() == [
        "M .gitignore",
        "A  mine.txt",
    ]
    told = git_says(tmp_path, "show", "--format=", "--name-only").splitlines()
    assert told == sorted(f"profiles/{name}" for name in everything(desk.profiles))


def test_a_commit_that_could_not_be_made_is_refused_before(tmp_path, template):
    desk = desk_in(tmp_path, template, auto_commit=True)
    with pytest.raises(StoreError, match="git rev-parse"):
        promoted(desk)
    repository(tmp_path)
    (tmp_path / "mine.txt").write_text("not ready")
    with pytest.raises(StoreError, match=r"not clean \(mine\.txt\)"):
        promoted(desk)
    (tmp_path / "mine.txt").unlink()
    (tmp_path / ".gitignore").write_text("results/\nprofiles/\n")
    subprocess.run(["git", "commit", "-qam", "Ignore"], cwd=tmp_path, check=True)
    with pytest.raises(StoreError, match="is ignored"):
        promoted(desk)
    assert not desk.profiles.exists()


def test_a_hook_that_refuses_is_named_and_tried_again(tmp_path, template):
    desk = desk_in(tmp_path, template, auto_commit=True)
    repository(tmp_path)
    hook = tmp_path / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)
    with pytest.raises(StoreError, match="not today"):
        promoted(desk)
    hook.unlink()
    settle(desk.profiles)
    assert happened(desk)
    assert git_says(tmp_path, "log", "-1", "--format=%s") == "Promoted scalp/v1"


CHILD = """
import os, signal, sys
from pathlib import Path
from promote.promotion.transaction import Desk
from promote.config import Conf
from tests.promote.promoted import promoted
left, real = iter(range(1, int(sys.argv[1]))), os.fsync
desk = Desk(Path("results"), Conf(Path("profiles")), auto_commit=True)
def sync(descriptor):
    if Path("profiles").exists() and next(left, None) is None:
        os.kill(os.getpid(), signal.SIGKILL)
    real(descriptor)
os.fsync = sync
promoted(desk)
"""


@pytest.mark.kill
@pytest.mark.parametrize("place", [1, 2, 3, 4, 5, 7, 9, 11, 13, 15, 17])
def test_a_killed_process_leaves_all_or_nothing(tmp_path, template, place):
    desk = desk_in(tmp_path, template, auto_commit=True)
    repository(tmp_path)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", CHILD, str(place)], cwd=tmp_path, env=environment, check=False
    )
    assert ended.returncode == -9
    settle(desk.profiles)
    if happened(desk):
        assert git_says(tmp_path, "log", "-1", "--format=%s") == "Promoted scalp/v1"
        assert git_says(tmp_path, "status", "--porcelain") == ""
    else:
        assert promoted(desk).profile.version == 1
    assert find(desk.profiles, "scalp").version == 1


def test_without_git_nobody_is_known(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert git.user(tmp_path) is None
    with pytest.raises(StoreError, match="git: cannot be run"):
        git.commit(tmp_path, ["x"], "x")


def test_what_a_killed_process_left_half_written_is_cleared_away(tmp_path, template):
    desk = desk_in(tmp_path, template)
    promoted(desk)
    draft = desk.profiles / "scalp" / ".v2.yaml.ab.tmp"
    draft.write_text("half")
    assert settle(desk.profiles) is None
    assert not draft.exists()
