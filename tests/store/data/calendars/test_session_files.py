"""Sessions of an exchange: the same from their file as from the package, whatever its state."""

import numpy as np
import pytest

from store.data.calendars import calendar, session_files


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(session_files, "FOLDER", tmp_path)
    monkeypatch.setattr(calendar, "_made", {})
    return tmp_path


def forget():
    calendar._made.clear()


def equal(one, other):
    return all(
        np.array_equal(getattr(one, name), getattr(other, name))
        for name in ("days", "opens", "closes")
    )


def refuse(*_, **__):
    raise AssertionError("the package is asked")


def test_sessions_come_from_their_file_the_second_time(folder, monkeypatch):
    made = calendar.sessions("XHKG", 2019, 2020)  # with lunch breaks
    forget()
    monkeypatch.setattr(calendar, "_exchange", refuse)
    assert equal(calendar.sessions("XHKG", 2019, 2020), made)


@pytest.mark.parametrize("content", [b"", b"no array", b"\x93NUMPY\x01\x00"])
def test_a_damaged_file_is_made_again(folder, content):
    made = calendar.sessions("XNYS", 2019, 2019)
    forget()
    (file,) = folder.rglob("*.npy")
    whole = file.read_bytes()
    file.write_bytes(content)
    assert equal(calendar.sessions("XNYS", 2019, 2019), made)
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_fault(folder):
    folder.rmdir()
    folder.write_text("a file in the folder's place")
    assert calendar.sessions("XNYS", 2019, 2019).days.size == 252


def test_fewer_years_are_cut_from_those_that_are_there(folder, monkeypatch):
    """2018 had 251 sessions and 2019 252; 2 January 2019 is the first of its year."""
    calendar.sessions("XNYS", 2017, 2020)
    monkeypatch.setattr(calendar, "_exchange", refuse)
    cut = calendar.sessions("XNYS", 2018, 2019)
    assert cut.days.size == cut.opens.size == cut.closes.size == 503
    assert str(cut.days[251].astype("datetime64[ns]"))[:10] == "2019-01-02"
