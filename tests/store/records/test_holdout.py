"""Holdouts by fraction and by date."""

import pandas as pd
import pytest

from store.records.holdout import bars_before, holdout_note, holdout_of, kept_bars, read_holdout
from tests.store.made_runs import group_of

DAYS = pd.date_range("2023-01-01", periods=10, tz="UTC")
HOURS = pd.date_range("2023-01-01 22:00", periods=4, freq="h", tz="UTC")


@pytest.mark.parametrize(
    ("given", "read"),
    [(0.2, 0.2), (0, 0.0), ("0.3", 0.3), ("2023-01-05", "2023-01-05"), (" 2023-01-05 ",) * 2],
)
def test_a_holdout_is_a_fraction_or_a_date(given, read):
    assert read_holdout(given) == (read.strip() if isinstance(read, str) else read)


@pytest.mark.parametrize(
    "given", [1, -0.1, 20, 2023, True, None, [0.2], "abc", "2023-13-01", "2023-1", "1.5", "nan"]
)
def test_anything_else_is_refused_in_one_line(given):
    with pytest.raises(
        ValueError, match=r"^holdout: must be a fraction of the bars in \[0, 1\) or"
    ):
        read_holdout(given)


@pytest.mark.parametrize(
    ("times", "holdout", "bars"),
    [
        (DAYS, 0.2, 8),
        (DAYS, 0.25, 8),  # round(2.5) is 2
        (DAYS, 0.0, 10),
        (DAYS, "2023-01-05", 4),
        (DAYS, "2023-01-02", 1),
        (DAYS, "2023-01-10", 9),
        (HOURS, "2023-01-02", 2),
    ],
)
def test_the_bars_from_the_day_on_are_the_holdout(times, holdout, bars):
    assert bars_before(times, holdout) == bars


@pytest.mark.parametrize(
    ("day", "missing"), [("2023-01-01", "before it"), ("2023-01-11", "from that day on")]
)
def test_a_day_outside_the_bars_is_refused_with_their_first_and_last(day, missing):
    with pytest.raises(ValueError, match=rf"{missing}; .* 2023-01-01 to 2023-01-10$"):
        bars_before(DAYS, day)


def test_a_recorded_group_says_how_many_bars_its_sweep_could_read():
    config = {"holdout": "2023-01-05"}
    assert kept_bars(config, group_of(development_bars=4), 10) == 4
    own = group_of(overrides=["holdout=2023-01-03"], development_bars=2)
    assert (holdout_of(config, own), kept_bars(config, own, 10)) == ("2023-01-03", 2)
    earlier = group_of(overrides=["holdout=0.3"])
    assert kept_bars({"holdout": 0.2}, earlier, 10) == 7


def test_a_group_holds_its_holdout_since_it_is_a_field():
    assert holdout_of({"holdout": 0.2}, group_of(holdout=0.35)) == 0.35
    assert holdout_of({"holdout": 0.2}, group_of(holdout=0, overrides=["holdout=0"])) == 0


def test_what_is_kept_unseen_is_said():
    assert holdout_note(0.2).startswith("The newest 20% of the bars is kept unseen;")
    assert holdout_note("2023-01-05").startswith("The bars from 2023-01-05 on are kept unseen;")
    assert holdout_note(0.0) == ""
