"""Events of operation: newest first, in words, by page and subject."""

import pytest

from operate.records.event_rows import MOST_TEXT, event_text
from store.registry import Event


def event(**facts):
    return Event(1, "2026-01-01T00:00:00+00:00", "host", "bot", "rollout held", "fast", facts)


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        ({"version": 2, "stage": "half", "capital": 0.5, "by": "ann", "reason": "looked"},
         "v2, stage half, 50 % of the capital: looked"),
        ({"version": 2, "by": "ann", "comment": "fine"}, "v2: fine"),
        ({"type": "cycle", "ok": True, "list": [1, 2]}, "type cycle, ok True"),
        ({"reason": "40 bars"}, "40 bars"),
        ({}, ""),
    ],
)  # fmt: skip
def test_what_was_done_in_words(facts, text):
    assert event_text(event(**facts)) == text


def test_a_long_reason_is_cut_and_shows_it():
    text = event_text(event(reason="x" * 1000))
    assert text == "x" * MOST_TEXT + "..."


def test_the_verb_lists_what_was_done_newest_first_and_by_page(operated):
    operated.json("rollout", "start", "fast", "--by", "ann@example.org")
    operated.json("rollout", "hold", "fast", "--by", "bob@example.org", "--reason", "storm")
    rows = operated.json("events")
    assert [row["kind"] for row in rows[:2]] == ["rollout held", "rollout started"]
    assert (rows[0]["by"], rows[0]["subject"]) == ("bob@example.org", "fast")
    assert rows[0]["text"].endswith("of the capital: storm")
    assert {"promoted", "approved"} <= {row["kind"] for row in rows}
    assert not {"tag added", "note edited"} & {row["kind"] for row in rows}
    first = operated.json("events", "--limit", "1")
    rest = operated.json("events", "--before", str(first[0]["number"]), "--limit", "500")
    assert first + rest == rows
    assert {row["subject"] for row in operated.json("events", "fast")} == {"fast"}
    assert operated.json("events", "nothing") == []
