"""Outlines of bars: what are the same bars, and what are not."""

import numpy as np
import pandas as pd
import pytest

from store.data.outline import Outline, in_common, outline, same_bars
from store.errors import DamagedFile
from store.ledger import outlines


def bars(n=600, seed=1, start="2010-01-04", freq="B"):
    """Daily bars of a random walk."""
    times = pd.date_range(start, periods=n, freq=freq, tz="UTC")
    close = 100 * np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, n)))
    return pd.DataFrame({"close": close}, index=times)


def test_the_last_close_of_each_day():
    times = pd.to_datetime(["2020-01-01 10:00", "2020-01-01 15:00", "2020-01-03 09:00"], utc=True)
    found = outline(pd.DataFrame({"close": [1.0, 2.0, 3.0]}, index=times))
    assert found.days.tolist() == [18262, 18264]
    assert found.closes.tolist() == [2.0, 3.0]
    sessions = outline(pd.DataFrame({"close": [1.0, 2.0, 3.0]}, index=times), np.array([5, 6, 6]))
    assert (sessions.days.tolist(), sessions.closes.tolist()) == ([5, 6], [1.0, 3.0])


def test_the_share_in_common_by_hand():
    """Four days against four that begin two days later, one price of two in common."""
    one = Outline(np.arange(4), np.array([10.0, 11.0, 12.0, 13.0]))
    other = Outline(np.arange(2, 6), np.array([12.0, 20.0, 30.0, 40.0]))
    assert in_common(one, other) == pytest.approx(0.25)
    assert in_common(other, one) == pytest.approx(0.25)
    assert in_common(one, one) == 1
    apart = Outline(np.arange(9, 13), np.array([10.0, 11.0, 12.0, 13.0]))
    assert in_common(one, apart) == 0
    none = Outline(np.arange(0), np.zeros(0))
    assert in_common(one, none) == in_common(none, none) == 0


MADE = {
    "a day later": lambda f: f.iloc[1:],
    "a day less": lambda f: f.iloc[:-1],
    "the second half": lambda f: f.iloc[250:],
    "the first fifth": lambda f: f.iloc[:120],
    "rounded": lambda f: f.round(2),
    "with a gap": lambda f: f.drop(f.index[5:25]),
    "weeks to Friday": lambda f: f.resample("W-FRI").last(),
    "weeks from Monday": lambda f: f.resample("W-MON", label="left", closed="left").last(),
    "weeks to Sunday": lambda f: f.resample("W").last(),
    "months by their end": lambda f: f.resample("ME").last(),
    "months by their start": lambda f: f.resample("MS").last(),
}


@pytest.mark.parametrize("change", MADE)
def test_what_is_made_of_bars_is_the_same_bars(change):
    whole = bars()
    assert same_bars(outline(whole), outline(MADE[change](whole)))


def test_intraday_bars_and_the_days_made_of_them():
    hours = bars(24 * 90, freq="h")
    assert same_bars(outline(hours), outline(hours.resample("D").last()))
    assert same_bars(outline(hours.iloc[7:]), outline(hours.resample("4h").last()))


OTHERS = {
    "another walk": lambda f: bars(seed=2),
    "later": lambda f: f.set_index(f.index + pd.Timedelta("900D")),
    "dearer": lambda f: f * 1.01,
    "a tenth of it": lambda f: pd.concat([f.iloc[-60:], bars(540, 3, "2012-04-24")]),
}


@pytest.mark.parametrize("change", OTHERS)
def test_other_bars_are_others(change):
    whole = bars()
    assert not same_bars(outline(whole), outline(OTHERS[change](whole)))


def test_half_in_common_is_the_same_and_less_is_not():
    whole = bars(400)
    later = pd.concat([whole.iloc[200:], bars(200, 5, "2011-07-18")])
    assert same_bars(outline(whole), outline(later.iloc[:399]))
    assert not same_bars(outline(whole), outline(later.iloc[20:]))


def test_an_outline_is_read_back_and_a_changed_one_refused(tmp_path):
    kept = outline(bars())
    outlines.keep(tmp_path, "ab" * 32, kept)
    found, digest = outlines.find(tmp_path, "ab" * 32)
    assert (found.days == kept.days).all()
    assert (found.closes == kept.closes).all()
    path = tmp_path / "ledger" / "bars" / f"{'ab' * 32}.outline"
    content = path.read_bytes()
    assert digest == content[:32].hex()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(DamagedFile, match="is not what was written"):
        outlines.find(tmp_path, "ab" * 32)
    assert outlines.find(tmp_path, "cd" * 32) is None
    outlines.keep(tmp_path, "../x", kept)
    assert outlines.find(tmp_path, "../x") is None
