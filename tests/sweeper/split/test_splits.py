"""One contract for every file of sweeper/split, and each split worked by hand."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from store.records.run_numbering import development_bars
from sweeper.config.durations import Length, start_bar, stop_bar
from sweeper.split import load, names, split_windows

CONF = Path(__file__).resolve().parents[3] / "conf" / "split"
LENGTHS = st.one_of(
    st.integers(1, 400),
    st.builds(str.__add__, st.integers(1, 40).map(str), st.sampled_from(["h", "d", "w", "mo"])),
)
CASES = {
    "full": st.just({}),
    "train_test": st.fixed_dictionaries(
        {"train_end": st.floats(0, 1), "embargo": LENGTHS},
        optional={"test_start": st.floats(0, 1), "test_end": st.floats(0, 1)},
    ),
    "walk_forward": st.fixed_dictionaries(
        {
            "train": LENGTHS,
            "test": LENGTHS,
            "embargo": LENGTHS,
            "mode": st.sampled_from(["rolling", "anchored"]),
        }
    ),
    "cpcv": st.fixed_dictionaries(
        {"groups": st.integers(2, 70), "test_groups": st.integers(1, 9), "purge": st.integers(0, 9)}
    ),
}
every_split = pytest.mark.parametrize("kind", sorted(CASES))


def days(n, first="2000-01-01"):
    """Times of n daily bars, Saturdays too."""
    return pd.date_range(first, periods=n, freq="D").to_numpy("datetime64[us]")


def shown(config, times):
    """Windows as role: (first day, last day)."""
    return {
        w.role: (str(times[w.start])[:10], str(times[w.stop - 1])[:10])
        for w in split_windows(config, times)
    }


def spans(config, n):
    return [(w.role, w.start, w.stop) for w in split_windows(config, days(n))]


def test_every_split_has_a_case():
    assert sorted(CASES) == list(names())


@every_split
def test_the_file_of_conf_has_every_key_at_its_default(kind):
    assert yaml.safe_load((CONF / f"{kind}.yaml").read_text()) == {
        "kind": kind,
        **load(kind).DEFAULTS,
    }


@every_split
@settings(max_examples=60, deadline=None)
@given(data=st.data(), n=st.integers(1, 900), holdout=st.floats(0, 0.9))
def test_windows_keep_to_their_bars(kind, data, n, holdout):
    """On any history: whole windows before the holdout, each test after its train, none twice."""
    kept = development_bars(n, holdout)
    try:
        found = split_windows({"kind": kind, **data.draw(CASES[kind])}, days(n)[:kept])
    except ValueError as error:
        if re.fullmatch(r"split[^\n]*", str(error)):
            return
        raise
    by_role = {window.role: window for window in found}
    assert len(by_role) == len(found)
    assert all(0 <= w.start < w.stop - 1 < kept <= n for w in found)
    tests = [w for w in found if not w.ranks]
    assert all(a.stop == b.start for a, b in pairwise(tests))
    for test in tests:
        assert by_role[test.role.replace("test", "train")].stop <= test.start
    assert any(w.ranks for w in found)


@every_split
def test_a_holdout_of_everything_is_refused(kind):
    with pytest.raises(ValueError, match=r"split: the holdout leaves no bars"):
        split_windows({"kind": kind}, days(5)[:0])


def test_full_is_everything():
    assert spans({"kind": "full"}, 9) == [("dev", 0, 9)]


@pytest.mark.parametrize(
    ("config", "train", "test"),
    [
        ({}, (0, 70), (70, 100)),
        ({"train_end": 0.5, "embargo": 10}, (0, 50), (60, 100)),
        ({"train_start": 0.1, "train_end": 0.5, "test_end": 0.9}, (10, 50), (50, 90)),
        ({"train_end": "2000-01-31"}, (0, 31), (31, 100)),
        ({"train_end": "2000-02-28", "test_start": "2000-03-01"}, (0, 59), (60, 100)),
        ({"train_end": "2000-02-29", "embargo": "1w"}, (0, 60), (67, 100)),
        ({"train_start": "2000-01-11", "train_end": "2000-01-20T00:00"}, (10, 20), (20, 100)),
        ({"train_end": 0.5, "test_start": "2000-03-01", "embargo": "9d"}, (0, 50), (60, 100)),
        ({"train_end": "2000-01-31", "test_end": "2000-02-05T00:00+02:00"}, (0, 31), (31, 35)),
    ],
)
def test_train_and_test_by_hand(config, train, test):
    found = spans({"kind": "train_test", **config}, 100)
    assert found == [("train", *train), ("test", *test)]


def test_rolling_and_anchored_folds_of_bars():
    config = {"kind": "walk_forward", "train": 40, "test": 20, "embargo": 5}
    assert spans(config, 100) == [
        *[("train_1", 0, 40), ("test_1", 45, 65)],
        *[("train_2", 20, 60), ("test_2", 65, 85)],
        *[("train_3", 40, 80), ("test_3", 85, 100)],
    ]
    assert [s for _, s, _ in spans(config | {"mode": "anchored"}, 100)] == [0, 45, 0, 65, 0, 85]
    assert spans(config, 100)[:4] == spans(config, 85) == spans(config, 94), "less than half"
    assert len(spans(config, 95)) == 6, "half"


def test_calendar_folds_count_from_the_first_bar():
    """From 29 February: a year later it is the 28th, four years later the 29th again."""
    times = days(365 * 6, "2000-02-29")
    assert shown({"kind": "walk_forward", "train": "1y", "test": "1y"}, times) == {
        "train_1": ("2000-02-29", "2001-02-27"),
        "test_1": ("2001-02-28", "2002-02-27"),
        "train_2": ("2001-02-28", "2002-02-27"),
        "test_2": ("2002-02-28", "2003-02-27"),
        "train_3": ("2002-02-28", "2003-02-27"),
        "test_3": ("2003-02-28", "2004-02-27"),
        "train_4": ("2003-02-28", "2004-02-27"),
        "test_4": ("2004-02-28", "2005-02-27"),
        "train_5": ("2004-02-29", "2005-02-27"),
        "test_5": ("2005-02-28", "2006-02-26"),
    }
    months = {"kind": "walk_forward", "train": "2mo", "test": "1mo", "embargo": "2d"}
    assert shown(months, days(130, "2000-01-31")) == {
        "train_1": ("2000-01-31", "2000-03-30"),
        "test_1": ("2000-04-02", "2000-05-01"),
        "train_2": ("2000-02-29", "2000-04-29"),
        "test_2": ("2000-05-02", "2000-06-01"),
    }


def test_calendar_folds_of_weekdays():
    """A window begins at the first bar on or after its date."""
    times = pd.bdate_range("2010-01-01", "2012-12-31").to_numpy("datetime64[us]")
    assert shown({"kind": "walk_forward", "train": "1y", "test": "1y"}, times) == {
        "train_1": ("2010-01-01", "2010-12-31"),
        "test_1": ("2011-01-03", "2011-12-30"),
        "train_2": ("2011-01-03", "2011-12-30"),
        "test_2": ("2012-01-02", "2012-12-31"),
    }


def test_cross_validation_is_one_window():
    assert spans({"kind": "cpcv"}, 64) == [("dev", 0, 64)]


BAD = {
    "unknown split": ({"kind": "walk"}, "did you mean walk_forward"),
    "no split": ({}, "no split None; there are cpcv, full, train_test, walk_forward"),
    "unknown key": ({"kind": "walk_forward", "trian": 3}, "split.trian: .* did you mean train?"),
    "key of another": ({"kind": "full", "test": 3}, "full has no such key; it has none but kind"),
    "test before train": (
        {"kind": "train_test", "test_start": "2000-01-05"},
        "split.test_start: 2000-01-05 is not after the end of train, 0.7",
    ),
    "overlap": (
        {"kind": "train_test", "train_end": "2000-01-31", "test_start": "2000-01-31"},
        "split.test_start: 2000-01-31 is not after the end of train, 2000-01-31",
    ),
    "embargo of more than there is": (
        {"kind": "train_test", "embargo": 3, "test_start": "2000-03-13"},
        "split.embargo: 3 bars are asked for, but only 2 bars lie",
    ),
    "embargo to the end": ({"kind": "train_test", "embargo": 30}, "split: test has no bars"),
    "one bar": ({"kind": "train_test", "embargo": 29}, "window test needs at least 2 bars, got 1"),
    "empty train": (
        {"kind": "train_test", "train_start": 0.5, "train_end": 0.5},
        "split.train_end: 0.5 leaves no bar from train_start, 0.5",
    ),
    "nothing to train on": ({"kind": "train_test", "train_end": 0.0}, "window train needs"),
    "before the data": (
        {"kind": "train_test", "train_start": "1999-12-31"},
        "split.train_start: 1999-12-31 is before the first bar, 2000-01-01; null is there",
    ),
    "in the holdout": (
        {"kind": "train_test", "test_end": "2000-04-10"},
        "split.test_end: 2000-04-10 is after the last bar that a sweep may read, 2000-04-09",
    ),
    "no date": ({"kind": "train_test", "train_end": "soon"}, "need an ISO date .* got 'soon'"),
    "a year": ({"kind": "train_test", "train_end": 2000}, "need an ISO date .* got 2000"),
    "no edge": ({"kind": "train_test", "train_end": None}, "got null"),
    "a percentage": ({"kind": "train_test", "train_end": 70.0}, "from 0 to 1, got 70"),
    "longer than the data": (
        {"kind": "walk_forward", "train": 90, "test": 22},
        "split: train 90 bars, embargo 0 bars and half of test 22 bars are longer than the 100",
    ),
    "years longer": ({"kind": "walk_forward"}, "split: train 4y, .* are longer than the 100 bars"),
    "embargo longer": (
        {"kind": "walk_forward", "train": 50, "test": 10, "embargo": 50},
        "embargo 50 bars",
    ),
    "mixed": ({"kind": "walk_forward", "train": 50, "test": "1w"}, "to be both bars or both cal"),
    "no length": ({"kind": "walk_forward", "train": 0}, "split.train: must be at least 1, got 0"),
    "no such unit": ({"kind": "walk_forward", "train": "3q"}, "split.train: need whole bars"),
    "half a year": ({"kind": "walk_forward", "train": 0.5}, "split.train: .* got 0.5"),
    "true": ({"kind": "walk_forward", "train": True}, "split.train: .* got True"),
    "negative": ({"kind": "walk_forward", "embargo": -1}, "split.embargo: must be at least 0"),
    "mode": ({"kind": "walk_forward", "mode": "roling"}, "did you mean rolling"),
    "bars of one": ({"kind": "walk_forward", "train": 50, "test": 1}, "test_1 needs at least 2"),
    "all groups tested": ({"kind": "cpcv", "test_groups": 8}, "a whole number from 1 to 7, got 8"),
    "one group": ({"kind": "cpcv", "groups": 1}, "split.groups: .* from 2 to 64, got 1"),
    "groups of text": ({"kind": "cpcv", "groups": "8"}, "split.groups: .* got '8'"),
    "too many splits": ({"kind": "cpcv", "groups": 20, "test_groups": 10}, "184,756 ways"),
    "purged away": ({"kind": "cpcv", "purge": 60, "embargo": 60}, "nothing to train on"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_splits_are_refused_in_one_line(case):
    config, message = BAD[case]
    with pytest.raises(ValueError, match=message) as error:
        split_windows(config, days(100))
    assert re.fullmatch(r"split[^\n]*", str(error.value))


def test_too_few_bars_for_the_blocks():
    with pytest.raises(ValueError, match="cpcv needs at least 64 bars before the holdout, got 63"):
        split_windows({"kind": "cpcv"}, days(63))
    with pytest.raises(ValueError, match="window dev needs at least 2 bars, got 1"):
        split_windows({"kind": "full"}, days(1))


def test_lengths_read_back():
    assert [str(Length.parse("k", text)) for text in (7, "7", "7d", "2mo")] == [
        *("7 bars", "7 bars", "7d", "2mo")
    ]
    hour = Length.parse("k", "36h").after(np.datetime64("2000-02-28T00:00"))
    assert hour == np.datetime64("2000-02-29T12:00")


def test_edges_between_bars():
    """A start is the first bar from then on, an end the last one until then."""
    times = pd.bdate_range("2010-01-01", periods=20).to_numpy("datetime64[us]")
    saturday = "2010-01-09"
    assert str(times[start_bar("k", saturday, times)])[:10] == "2010-01-11"
    assert str(times[stop_bar("k", saturday, times) - 1])[:10] == "2010-01-08"
