"""What the verbs print at 80 columns: paragraphs set in, numbers without noise, words in number."""

import pytest

from operate.cli.paragraphs import counted, plain_zero, wrapped
from tests.operate.live_records import faithful, take_in
from tests.operate.operated import PAST


def test_what_is_wrapped_is_set_in_below_its_line():
    line = "  pass          fidelity: all 9 fills are those of the shadow"
    assert wrapped(line, 40, 6) == [
        "  pass          fidelity: all 9 fills",
        "      are those of the shadow",
    ]
    assert wrapped("", 40, 4) == [""]


@pytest.mark.parametrize(("number", "words"), [(0, "0 days"), (1, "1 day"), (1_200, "1,200 days")])
def test_nouns_agree_with_their_number(number, words):
    assert counted(number, "day") == words


def test_a_rounded_zero_has_no_sign():
    assert f"{plain_zero(-0.004, 2):.2f}" == "0.00"
    assert f"{plain_zero(-0.006, 2):.2f}" == "-0.01"


def test_a_faithful_account_is_shown_without_noise(operated):
    operated.arrive(PAST + 60)
    operated.run("rollout", "start", "fast", "--by", "ann@example.org")
    operated.run("shadow", "fast")
    take_in(operated, faithful(operated, PAST))
    pages = [operated.run(*words).stdout for words in (("monitors", "fast"), ("gap", "fast"))]
    pages.append(operated.run("cycle", "fast", "--now", "2018-10-25").stdout)
    pages.append(operated.run("rollout", "status", "fast").stdout)
    for page in pages:
        assert max(map(len, page.splitlines())) <= 80
        for noise in ("-0.0 ", "-0.00\n", "e-17", "nan", "0 more", "1 days", "1 closed trades"):
            assert noise not in page
    monitors, gap, cycle, _ = pages
    assert all(line[0] != " " or line.startswith("    ") for line in monitors.splitlines())
    assert gap.splitlines()[0].split() == ["cause", "amount", "n"]
    assert "cost excess a fill: 0 (0 to 0), expected 0" in cycle


def test_a_task_that_has_not_run_is_due_now(operated):
    operated.run("tasks", "add", "watch", "--type", "shadow", "--component", "fast")
    assert "waiting, next now, 0 failures." in " ".join(operated.run("tasks").stdout.split())
