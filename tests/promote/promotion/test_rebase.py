"""A profile of an older kernel becomes one of the present kernel, through the gate."""

import sys

import pytest

from kernels import KERNEL_VERSION
from promote.promotion.rebase import rebase, rebase_judgement, same_run
from promote.promotion.verify import verify
from store.errors import StoreError
from tests.promote.promoted import EASY, HARD, desk_in, promoted, swept

NOW, LATER = KERNEL_VERSION, f"{KERNEL_VERSION}-later"


@pytest.fixture
def desk(tmp_path):
    swept(tmp_path / "template")
    desk = desk_in(tmp_path, tmp_path / "template")
    promoted(desk)
    return desk


@pytest.fixture
def later_kernel(monkeypatch):
    """Every module has another kernel version, as after an update."""
    for module in list(sys.modules.values()):
        if vars(module).get("KERNEL_VERSION") == NOW:
            monkeypatch.setattr(module, "KERNEL_VERSION", LATER)


def before(desk):
    from promote.profiles.files import find

    return find(desk.profiles, "scalp")


def test_verify_says_in_one_line_that_the_kernel_is_another(desk, later_kernel):
    faults = [fault for one in verify(desk.root, desk.conf, "scalp") for fault in one.faults]
    assert faults == [
        f"kernel version is {LATER}, the profile says {NOW}: other rules, other "
        "numbers; sweep again, then `python -m promote rebase scalp`"
    ]


def test_a_profile_of_the_present_kernel_is_not_rebased(desk):
    with pytest.raises(StoreError, match=r"scalp/v1: is of kernel version .* no rebase"):
        same_run(desk, before(desk))


def test_the_sweep_has_to_be_repeated_first(desk, later_kernel):
    with pytest.raises(StoreError, match=r"sweep again, then rebase: `python -m sweeper -m"):
        same_run(desk, before(desk))


def test_the_same_configuration_is_the_next_version_after_the_gate(desk, later_kernel):
    swept(desk.root)
    old = before(desk)
    judgement = rebase_judgement(desk, same_run(desk, old), EASY, allow_dirty=True)
    new = rebase(desk, old, judgement, "ann@example.org").profile
    assert (new.version, new.parent, new.versions["kernel"]) == (2, 1, LATER)
    assert (new.params, new.settings, new.metrics) == (old.params, old.settings, old.metrics)
    assert new.config_hash != old.config_hash
    assert new.experiment["id"] != old.experiment["id"]
    assert "scalp/v1 of kernel version" in new.reason
    assert not [f for one in verify(desk.root, desk.conf, "scalp") for f in one.faults]


def test_what_the_gate_refuses_is_not_rebased(desk, later_kernel):
    swept(desk.root)
    old = before(desk)
    judgement = rebase_judgement(desk, same_run(desk, old), HARD, allow_dirty=True)
    with pytest.raises(StoreError, match="the gate has refused it"):
        rebase(desk, old, judgement, "ann@example.org")
    assert before(desk).version == 1
