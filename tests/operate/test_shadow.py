"""Shadow: a bit-equal prefix, breaks named by their cause, a target with an end."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from operate.shadow import shadow as shadows
from operate.shadow import state
from operate.target.reader import Refused, read_target
from tests.operate.operated import PAST


def test_the_first_shadow_has_no_fresh_bars_and_writes_a_target(operated):
    told = operated.json("shadow", "fast")
    assert (told["prefix"], told["fresh_bars"], told["bars"]) == ("first", 0, PAST)
    assert told["warm_up"] >= 8
    assert (told["target"]["stage"], told["target"]["capital"]) == ("shadow", 0)


def test_bars_that_arrive_leave_what_was_as_it_was(operated):
    before = operated.json("shadow", "fast")
    for n in (PAST + 1, PAST + 2, PAST + 30):
        operated.arrive(n)
        told = operated.json("shadow", "fast")
        assert (told["prefix"], told["fresh_bars"], told["bars"]) == ("equal", n - PAST, n)
    assert told["trades"] > before["trades"]
    again = operated.json("shadow", "fast")
    assert (again["chain"], again["target"]) == (told["chain"], told["target"])


def test_a_revised_bar_is_named_as_data(operated):
    operated.arrive(PAST + 20)
    operated.json("shadow", "fast")
    operated.frame.loc[PAST + 10, "close"] *= 1.001
    operated.frame.loc[PAST + 10, "high"] *= 1.01
    operated.arrive(PAST + 20, "--replace")
    told = operated.json("shadow", "fast", code=3)
    assert told["prefix"] == "data"
    assert f"{operated.frame['time'][PAST + 10]:%Y-%m-%d}" in told["detail"]
    assert operated.json("shadow", "fast")["prefix"] == "equal"
    verdict = operated.json("monitors", "fast", code=3)["fidelity"]
    assert (verdict["verdict"], verdict["causes"]) == ("fail", {"data": 1})


def test_another_kernel_version_is_named_as_code(operated, monkeypatch):
    operated.json("shadow", "fast")
    kept = state.load(operated.root, "fast", 1)
    table, trades = state.table_of(operated.root, kept), state.trades_of(operated.root, kept)
    trades.loc[3, "exit_price"] += 1e-9
    changed = state.Shadow(**{**vars(kept), "kernel": "1"})
    state.save(operated.root, changed, table.reset_index(), trades)
    told = operated.json("shadow", "fast", code=3)
    assert told["prefix"] == "code"
    assert "trade 4: exit_price" in told["detail"]
    assert "kernel version 1 then" in told["detail"]


def test_a_strategy_that_repaints_is_named_as_code(operated, monkeypatch):
    """Its trades move with the number of bars, on the same kernel and the same file."""
    plain = shadows.run

    def repainting(profile, bars):
        made = plain(profile, bars)
        moved = made.trades.assign(size=made.trades["size"] * len(bars.frame))
        return replace(made, trades=moved)

    monkeypatch.setattr(shadows, "run", repainting)
    operated.json("shadow", "fast")
    assert operated.json("shadow", "fast")["prefix"] == "equal"
    operated.arrive(PAST + 1)
    told = operated.json("shadow", "fast", code=3)
    assert told["prefix"] == "code"
    assert "trade 1: size" in told["detail"]
    assert "the strategy repaints" in told["detail"]
    verdict = operated.json("monitors", "fast", code=3)["fidelity"]
    assert (verdict["verdict"], verdict["causes"]) == ("fail", {"code": 1})


def test_a_clock_that_is_set_back_takes_no_bar_away(operated):
    operated.arrive(PAST + 20)
    before = operated.json("shadow", "fast", "--now", "2020-06-01")
    again = operated.json("shadow", "fast", "--now", "2016-01-01")
    assert (again["prefix"], again["bars"]) == ("equal", before["bars"])


def test_a_bar_that_has_not_closed_is_not_used(operated):
    last = operated.frame["time"][PAST - 1]
    told = operated.json("shadow", "fast", "--now", f"{last:%Y-%m-%d}T19:59:59Z")
    assert told["bars"] == PAST - 1
    summer = operated.json("shadow", "fast", "--now", f"{last:%Y-%m-%d}T16:00:00-04:00")
    assert summer["bars"] == PAST


@pytest.mark.parametrize("name", ["weight", "side", "valid_until", "capital"])
def test_a_tampered_target_is_refused(operated, name):
    told = operated.json("shadow", "fast")
    path = Path("results/targets/fast.json")
    read_target(path, now=0)
    path.write_text(json.dumps(told["target"] | {name: "2099-01-01T00:00:00Z"}))
    with pytest.raises(Refused, match="was changed"):
        read_target(path, now=0)
    assert "was changed" in operated.run("target", "fast", code=3).stderr


def test_an_expired_target_is_refused(operated):
    until = operated.json("shadow", "fast")["target"]["valid_until"]
    assert operated.json("target", "fast", "--now", until)["valid_until"] == until
    later = until.replace("Z", "").replace(":00:00", ":00:01")
    assert "expired" in operated.run("target", "fast", "--now", later, code=3).stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("shadow", "none"), "there is no such profile"),
        (("shadow", "../x"), "profile"),
        (("target", "fast"), "has no target"),
        (("monitors", "fast"), "has no shadow"),
        (("shadow", "fast", "--now", "soon"), "--now"),
        (("shadow", "fast", "--now", "2001-01-01"), "no bar of PLANTED has closed"),
    ],
)
def test_bad_input_is_one_line(operated, words, message):
    done = operated.run(*words, code=2)
    assert message in done.stderr
    assert done.stderr.count("\n") == 1
