"""A promotion from a real sweep: what is written, what is refused, and going back."""

import dataclasses
import json
import threading

import pytest
import yaml

from promote.audit import audit_log
from promote.profiles.files import current, find, load, versions
from promote.profiles.profile import to_yaml
from promote.promotion.actual_impact import tell_impact
from promote.promotion.apply import apply
from promote.promotion.approval import approval_of, approve
from promote.promotion.rollback import rollback
from promote.promotion.verify import verify
from store.errors import AlreadyThere, BadName, DamagedFile, StoreError, UnknownReference
from store.registry import open_registry
from store.report.html import stylesheet
from tests.promote.promoted import (
    HARD,
    NAMES,
    desk_in,
    everything,
    judged,
    promoted,
    wish,
)


@pytest.fixture
def desk(tmp_path, template):
    return desk_in(tmp_path, template)


def faults(desk, ref="scalp"):
    return [fault for one in verify(desk.root, desk.conf, ref) for fault in one.faults]


def test_a_promotion_writes_all_of_this(desk):
    done = promoted(desk, expected_impact="a calmer book")
    assert sorted(everything(desk.profiles)) == [
        "STRATEGY_LOG.md",
        "_audit/000001.json",
        "scalp/current",
        "scalp/v1.report.html",
        "scalp/v1.report.json",
        "scalp/v1.report.md",
        "scalp/v1.yaml",
    ]
    assert faults(desk) == []
    (entry,) = audit_log.entries(desk.profiles)
    assert entry.body["files"].keys() == {str(f.relative_to(desk.profiles)) for f in done.files}
    (told,) = open_registry(desk.root).promotions()
    assert (told.profile, told.version, told.config_hash) == ("scalp", 1, done.profile.config_hash)
    assert told.facts["reason"] == "a trend"
    log = (desk.profiles / "STRATEGY_LOG.md").read_text()
    for line in ("## scalp v1", "**Reason**: a trend", "calmer book", "**Approved**: not yet"):
        assert line in log


def test_a_profile_says_where_it_comes_from(desk):
    judgement = judged(desk)
    profile = apply(desk, judgement, wish()).profile
    run = judgement.evidence["run"]
    said = yaml.safe_load((desk.profiles / "scalp" / "v1.yaml").read_text())
    assert said["params"] == run["params"]
    assert said["metrics"] == run["metrics"]
    assert said["config_hash"] == run["config_hash"]
    assert said["experiment"]["id"] == run["experiment_id"]
    assert said["gate"]["verdicts"][0]["check"] == "verify"
    assert said["tried"]["ledger"] == judgement.evidence["tried"] > 50
    assert (said["recommended"], said["approved"], said["allow_dirty"]) == (True, False, False)
    assert (said["holdout"]["fraction"], said["holdout"]["uses"]) == (0.2, 0)
    assert said["holdout"]["after"] == profile.window["last"]


def test_what_the_gate_refuses_is_not_written(desk):
    refused = judged(desk, preset=HARD)
    assert not refused.passed
    with pytest.raises(StoreError, match="the gate has refused it"):
        apply(desk, refused, wish())
    assert not desk.profiles.exists()


def test_versions_have_parents(desk):
    first = promoted(desk).profile
    done = promoted(desk, "latest/3")
    assert (done.profile.version, done.profile.parent, done.parent) == (2, 1, first)
    assert done.report.against == "scalp/v1, the version before"
    assert done.report.changes["fast"] == [first.params["fast"], done.profile.params["fast"]]
    assert current(desk.profiles, "scalp") == 2
    assert faults(desk, "scalp/v1") == faults(desk, "scalp/v2") == []
    assert promoted(desk, "latest/3", profile="other").profile.version == 1


def test_the_same_configuration_is_not_promoted_twice(desk):
    promoted(desk)
    before = everything(desk.profiles)
    with pytest.raises(StoreError, match="this very configuration"):
        promoted(desk)
    assert everything(desk.profiles) == before


def test_a_hostile_name_writes_nothing(desk, tmp_path):
    judgement, before = judged(desk), sorted(tmp_path.iterdir())
    for name in NAMES:
        with pytest.raises(BadName):
            apply(desk, judgement, wish(name))
    assert everything(desk.profiles) == {}
    assert [path for path in tmp_path.iterdir() if path not in before] in ([], [desk.profiles])


def test_words_stay_words(desk):
    nasty = "x | y\n## heading <script>alert(1)</script> `a` [b](c)"
    promoted(desk, reason=nasty)
    log = (desk.profiles / "STRATEGY_LOG.md").read_text()
    assert log.count("\n## ") == 1
    for ending in ("md", "html"):
        text = (desk.profiles / "scalp" / f"v1.report.{ending}").read_text()
        assert "<script>alert" not in text.replace("\\<", "")
    assert find(desk.profiles, "scalp").reason == " ".join(nasty.split())
    with pytest.raises(StoreError, match="--reason: must not hold"):
        promoted(desk, "latest/3", reason="${oc.env:HOME}")


def test_the_report_compares_and_plans(desk):
    done = promoted(desk)
    told = json.loads((desk.profiles / "scalp" / "v1.report.json").read_text())
    assert told["candidate"] == done.profile.metrics
    assert told["baseline"]["trades"] > 0
    assert told["canary"]["capital"] == 0.01
    assert told["gate"]["passed"] is True
    text = (desk.profiles / "scalp" / "v1.report.md").read_text()
    for part in ("Baseline against candidate", "Trade 1% of the capital", "Roll back when"):
        assert part in text
    page = (desk.profiles / "scalp" / "v1.report.html").read_text()
    assert "http" not in page.replace("http-equiv", "")
    assert "<script" not in page
    assert stylesheet() in page, "the style of the main report"
    assert ">Sharpe, baseline<" in page


@pytest.mark.parametrize(
    ("baseline", "against"), [("buy-and-hold", "buying and holding"), ("latest/0", "run exp-")]
)
def test_the_report_compares_with_what_the_gate_was_given(desk, baseline, against):
    judgement = judged(desk, baseline=baseline)
    assert apply(desk, judgement, wish()).report.against.startswith(against)


def test_an_approval_is_an_act_of_its_own(desk):
    profile = promoted(desk).profile
    assert approval_of(desk, profile) is None
    approve(desk, "scalp", "bob@example.org", "looks right")
    assert approval_of(desk, profile)["by"] == "bob@example.org"
    (told,) = open_registry(desk.root).approvals("scalp")
    assert (told.version, told.approver, told.comment) == (1, "bob@example.org", "looks right")
    said = yaml.safe_load((desk.profiles / "scalp" / "v1.approval.yaml").read_text())
    assert (said["approver"], said["config_hash"]) == ("bob@example.org", profile.config_hash)
    assert "by bob@example.org" in (desk.profiles / "STRATEGY_LOG.md").read_text()
    assert faults(desk) == []
    with pytest.raises(AlreadyThere, match="was approved before"):
        approve(desk, "scalp", "eve@example.org")
    promoted(desk, "latest/3")
    assert approval_of(desk, find(desk.profiles, "scalp")) is None


def test_nobody_approves_without_a_name(desk):
    promoted(desk)
    with pytest.raises(StoreError, match="say who"):
        approve(desk, "scalp", " ")


def test_going_back_is_a_new_version(desk):
    first, second = promoted(desk).profile, promoted(desk, "latest/3").profile
    back = rollback(desk, "scalp", by="ann", reason="too deep")
    same = {"params", "settings", "config_hash", "metrics", "gate", "experiment", "versions"}
    assert all(getattr(back, name) == getattr(first, name) for name in same)
    assert (back.version, back.parent, back.restores, back.kind) == (3, 2, 1, "rollback")
    assert (back.approved, back.reason) == (False, "too deep")
    assert current(desk.profiles, "scalp") == 3
    assert "## scalp v3 (back to v1)" in (desk.profiles / "STRATEGY_LOG.md").read_text()
    assert [one.version for one in open_registry(desk.root).promotions("scalp")] == [1, 2, 3]
    again = rollback(desk, "scalp", 2)
    assert (again.params, again.parent) == (second.params, 3)
    assert all(faults(desk, f"scalp/v{n}") == [] for n in (1, 2, 3, 4))


def test_there_has_to_be_something_to_go_back_to(desk):
    with pytest.raises(UnknownReference, match="no such profile"):
        rollback(desk, "scalp")
    promoted(desk)
    for to, said in ((None, "no parent"), (1, "is the current version"), (7, "no such version")):
        with pytest.raises(StoreError, match=said):
            rollback(desk, "scalp", to)
    promoted(desk, "latest/3")
    rollback(desk, "scalp")
    with pytest.raises(StoreError, match="no parent"):
        rollback(desk, "scalp")


def test_nobody_goes_back_to_what_was_changed(desk):
    promoted(desk)
    promoted(desk, "latest/3")
    path = desk.profiles / "scalp" / "v1.yaml"
    forged = dataclasses.replace(load(desk.profiles, "scalp", 1), reason="forged")
    path.write_text(to_yaml(forged))
    with pytest.raises(DamagedFile, match="was changed since"):
        rollback(desk, "scalp")
    with pytest.raises(DamagedFile, match="was changed since"):
        approve(desk, "scalp/v1", "ann")


def test_the_impact_is_told_later(desk):
    promoted(desk)
    tell_impact(desk, "scalp", "Sharpe 0.4 over 30 days", "ann")
    tell_impact(desk, "scalp", "no better since", "bob")
    log = (desk.profiles / "STRATEGY_LOG.md").read_text()
    assert "Sharpe 0.4 over 30 days" in log
    assert log.index("0.4 over") < log.index("no better")
    assert faults(desk) == []
    with pytest.raises(StoreError, match="--text is empty"):
        tell_impact(desk, "scalp", "\n", "ann")


def test_promotions_at_the_same_time_come_one_after_the_other(desk):
    judgements = [judged(desk, f"latest/{run}") for run in range(1, 6)]
    told = []

    def promote(judgement):
        try:
            told.append(apply(desk, judgement, wish()).profile.version)
        except BaseException as error:
            told.append(error)
            raise

    threads = [threading.Thread(target=promote, args=(one,)) for one in judgements]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(told) == [1, 2, 3, 4, 5]
    assert versions(desk.profiles, "scalp") == [1, 2, 3, 4, 5]
    assert [find(desk.profiles, f"scalp/v{n}").parent for n in (1, 2, 3)] == [None, 1, 2]
    assert faults(desk) == []


def test_versions_go_on_above_what_the_registry_knows(desk, tmp_path):
    promoted(desk)
    elsewhere = dataclasses.replace(
        desk, conf=dataclasses.replace(desk.conf, profiles=tmp_path / "p2")
    )
    assert promoted(elsewhere).profile.version == 2
