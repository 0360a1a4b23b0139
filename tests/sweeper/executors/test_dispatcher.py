"""The dispatcher without Ray: every block is reported once or given up, whoever dies."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sweeper.executors.dispatcher import MAX_DEATHS, OVER, WAIT, Dispatcher


def dispatcher(blocks=range(3)) -> Dispatcher:
    d = Dispatcher(["task"])
    d.add(blocks)
    d.close()
    return d


def test_two_workers_share_the_blocks_in_order():
    d = dispatcher()
    (a, task), (b, _) = d.join("a"), d.join("b")
    assert task == ["task"]
    assert [d.pull("a", a), d.pull("b", b)] == [0, 1]
    d.finish("a", a, b"0")
    assert d.pull("a", a) == 2
    d.finish("a", a, b"2")
    assert d.pull("a", a) == WAIT  # b may die
    assert not d.news().over
    d.finish("b", b, b"1")
    assert d.pull("a", a) == OVER
    assert d.news().over


def test_news_are_told_once_and_in_order():
    d = dispatcher()
    a, _ = d.join("a")
    for report in (b"0", b"1"):
        d.pull("a", a)
        d.finish("a", a, report)
    assert d.news().reports == [b"0", b"1"]
    assert d.news().reports == []


def test_a_plan_of_any_length_is_never_listed():
    d = dispatcher(range(10**15))
    a, _ = d.join("a")
    assert [d.pull("a", a) for _ in range(3)] == [0, 1, 2]


def test_the_block_of_a_dead_worker_goes_to_the_next_and_its_late_report_is_dropped():
    d = dispatcher()
    (a, _), (b, _) = d.join("a"), d.join("b")
    assert d.pull("a", a) == 0
    d.bury("a", "killed")
    assert d.pull("b", b) == 0
    d.finish("a", a, b"late")
    assert d.pull("a", a) == OVER
    d.finish("b", b, b"0")
    assert d.news().reports == [b"0"]


def test_a_restarted_worker_gets_a_badge_of_its_own():
    d = dispatcher()
    old, _ = d.join("a")
    assert d.pull("a", old) == 0
    d.bury("a", "killed")
    new, _ = d.join("a")
    assert d.pull("a", new) == 0
    d.finish("a", old, b"of the dead")
    assert d.news().reports == []
    d.finish("a", new, b"0")
    assert d.news().reports == [b"0"]


def test_a_block_that_kills_is_given_up_and_the_rest_goes_on():
    d = dispatcher()
    for death in range(MAX_DEATHS):
        a, _ = d.join("a")
        assert d.pull("a", a) == 0
        d.bury("a", f"death {death}")
    assert d.news().lost == {0: f"death {MAX_DEATHS - 1}"}
    a, _ = d.join("a")
    for number in (1, 2):
        assert d.pull("a", a) == number
        d.finish("a", a, b"%d" % number)
    assert d.pull("a", a) == OVER
    assert d.news().over


def test_workers_that_cannot_start_end_the_sweep():
    d = dispatcher()
    for _ in range(MAX_DEATHS - 1):
        d.join("a")
        d.bury("a", "no module")
    a, _ = d.join("a")
    d.pull("a", a)  # it works after all: count again
    d.bury("a", "killed")
    for _ in range(MAX_DEATHS - 1):
        d.bury("a", "no module")
    assert d.news().hopeless is None
    d.bury("a", "no module")
    assert d.news().hopeless == "worker a cannot start: no module"


def test_after_a_fault_nothing_is_handed_out_and_the_first_one_is_kept():
    d = dispatcher()
    a, _ = d.join("a")
    d.pull("a", a)
    d.blame("first")
    d.blame("second")
    assert d.pull("a", a) == OVER
    assert d.news().fault == "first"
    assert not d.news().over


@pytest.mark.parametrize("blocks", [range(0), []])
def test_nothing_to_do_is_over_at_the_first_question(blocks):
    d = dispatcher(blocks)
    a, _ = d.join("a")
    assert d.pull("a", a) == OVER
    assert d.news().over


def test_a_round_is_added_when_the_one_before_is_over():
    d = Dispatcher(["task"])
    a, _ = d.join("a")
    assert d.pull("a", a) == WAIT
    for blocks in ([3, 1], [4]):
        d.add(blocks)
        for number in blocks:
            assert not d.news().over
            assert d.pull("a", a) == number
            d.finish("a", a, b"")
        assert d.pull("a", a) == WAIT  # another round may follow
        assert d.news().over
    d.close()
    assert d.pull("a", a) == OVER


steps = st.lists(st.tuples(st.sampled_from(["pull", "finish", "die"]), st.sampled_from("abc")))


@given(st.integers(0, 8), steps)
def test_every_block_is_reported_once_or_given_up(size, steps):
    d = dispatcher(range(size))
    badges = {worker: d.join(worker)[0] for worker in "abc"}
    holding, reports, deaths = {}, [], Counter()

    def pull(worker):
        if worker not in holding and (number := d.pull(worker, badges[worker])) >= 0:
            holding[worker] = number

    def finish(worker):
        if worker in holding:
            d.finish(worker, badges[worker], b"%d" % holding.pop(worker))

    def die(worker):
        pull(worker)
        deaths[holding.pop(worker, None)] += 1
        d.bury(worker, "killed")
        badges[worker] = d.join(worker)[0]

    for step, worker in steps:
        {"pull": pull, "finish": finish, "die": die}[step](worker)
        assert len(set(holding.values())) == len(holding)
        reports += d.news().reports
    for _ in range(size + 1):
        for worker in "abc":
            pull(worker)
            finish(worker)
    news = d.news()
    assert news.over
    lost = {n for n, count in deaths.items() if n is not None and count >= MAX_DEATHS}
    assert set(news.lost) == lost
    assert sorted(int(r) for r in reports + news.reports) == sorted(set(range(size)) - lost)
