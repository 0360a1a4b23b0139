"""News feeds: dated, judged by the packaged lexicon, joined onto bars at their time."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.data import DataSpec, load
from store.data.ingest import Fresh, keep
from store.data.ingest_sources import ingest_rss
from store.data.vendors import rss
from store.errors import BadBars, FetchFailed
from tests.store.serving import serving

GOOD = ("g", "Profits soar, a great and wonderful success", "Mon, 06 Jan 2020 10:00:00 -0500")
BAD = ("b", "Terrible fraud: horrible losses", "Tue, 07 Jan 2020 21:30:00 GMT")
PLAIN = ("p", "The board meets on the second floor", "Wed, 08 Jan 2020 12:00:00 GMT")
UNDATED = ("u", "A great day", None)


def item(key, title, date):
    dated = "" if date is None else f"<pubDate>{date}</pubDate>"
    return f"<item><guid>{key}</guid><title>{title}</title>{dated}</item>"


def feed(*items):
    inside = "".join(item(*one) for one in items)
    return f'<?xml version="1.0"?><rss version="2.0"><channel>{inside}</channel></rss>'


@pytest.fixture
def file(tmp_path):
    def write(*items):
        path = tmp_path / "feed.xml"
        path.write_text(feed(*items))
        return str(path)

    return write


@pytest.fixture
def root(tmp_path):
    root = tmp_path / "store"
    spec = DataSpec(
        "synthetic",
        start="2020-01-06",
        calendar="XNYS",
        options={"kind": "trend", "bars": 5},
    )
    keep(root, Fresh.of_dataset(load(spec)[0]), {"source": "synthetic"})
    return root


def sentiment(root):
    (data,) = load(DataSpec("stored", str(root), options={"features": ["sentiment"]}))
    return data.frame["sentiment"]


def test_items_become_dated_scores(file):
    rows, notes = rss.read([file(BAD, GOOD, PLAIN)])
    assert [str(time) for time in rows.index] == [
        "2020-01-06 15:00:00+00:00",
        "2020-01-07 21:30:00+00:00",
        "2020-01-08 12:00:00+00:00",
    ]
    good, bad, plain = rows["value"]
    assert good > 0.8
    assert bad < -0.8
    assert plain == 0
    assert notes == ()


def test_scores_are_those_of_the_package(file):
    from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

    theirs = SentimentIntensityAnalyzer().polarity_scores(f"{GOOD[1]}. ")["compound"]
    assert rss.read([file(GOOD)]).rows["value"].tolist() == [theirs]


def test_news_reaches_the_first_bar_that_closes_after_it(file, root):
    """The bad news of 7 January came half an hour after the close: it is the 8th's, with PLAIN."""
    ingest_rss(root, "sentiment", [file(GOOD, BAD, PLAIN)])
    values = sentiment(root)
    bad = rss.read([file(BAD)]).rows["value"].iloc[0]
    assert values.iloc[0] > 0.8
    assert values.iloc[2] == bad / 2
    assert np.isnan(values.iloc[[1, 3, 4]]).all()


def test_a_feed_that_moves_on_loses_no_item(file, root):
    assert ingest_rss(root, "sentiment", [file(GOOD, BAD)]).added == 2
    assert ingest_rss(root, "sentiment", [file(BAD, PLAIN)]).added == 1
    edited = ("b", "Wonderful profits after all", BAD[2])
    done = ingest_rss(root, "sentiment", [file(edited)])
    assert (done.state, done.record.rows) == ("unchanged", 3), "an item stays as first seen"
    assert sentiment(root).iloc[2] < 0


def test_an_item_without_a_date_is_left_out_and_said(file):
    rows, notes = rss.read([file(GOOD, UNDATED)])
    assert len(rows) == 1
    assert notes == (f"{file(GOOD, UNDATED)}: 1 items without a readable date: left out",)


def test_only_what_is_about_something(file):
    assert len(rss.read([file(GOOD, BAD, PLAIN)], ["FRAUD", "board"]).rows) == 2


def test_markup_is_no_word_and_atom_is_read(tmp_path):
    path = tmp_path / "atom.xml"
    path.write_text(
        '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id>'
        '<title type="html">&lt;b class="terrible"&gt;Great&lt;/b&gt; &amp;amp; good</title>'
        "<updated>2020-01-06T10:00:00+01:00</updated></entry></feed>"
    )
    rows, _ = rss.read([str(path)])
    assert str(rows.index[0]) == "2020-01-06 09:00:00+00:00"
    assert rows["value"].iloc[0] > 0.5


def test_from_an_address_by_the_command_line(root):
    with serving(lambda path, query: (200, feed(GOOD, BAD).encode())) as server:
        words = ["ingest", "rss", f"{server.address}/news", "--name", "mood", "--about", "profits"]
        ended = CliRunner().invoke(app, [*words, "--root", str(root), "--json"])
    assert ended.exit_code == 0, ended.output
    row = json.loads(ended.stdout)
    assert (row["name"], row["rule"], row["rows"]) == ("mood", "event", 1)
    assert row["origin"]["about"] == ["profits"]


def test_what_it_prints(file, root):
    ended = CliRunner().invoke(app, ["ingest", "rss", file(GOOD, UNDATED), "--root", str(root)])
    assert "1 items without a readable date: left out" in " ".join(ended.output.split())
    assert f"data=stored 'data.features=[sentiment]' store.root={root}" in ended.output


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "not a readable feed: "),
        ("<html><body>404</body></html>", "not a readable feed: "),
        ("Date,Open\n1,2\n", "not a readable feed: "),
        (feed(), "not a readable feed: it has no item"),
    ],
)
def test_what_is_no_feed_is_refused(tmp_path, content, message):
    path = tmp_path / "feed.xml"
    path.write_text(content)
    with pytest.raises(BadBars, match=message) as refused:
        rss.read([str(path)])
    assert "\n" not in str(refused.value)


def test_a_feed_without_dates_leaves_nothing(file, root):
    with pytest.raises(BadBars, match=r"sentiment: no value to keep; .*1 items without a readable"):
        ingest_rss(root, "sentiment", [file(UNDATED)])
    assert not (root / "data" / "features").exists()


def test_entities_are_not_expanded_for_ever(tmp_path):
    path = tmp_path / "laughs.xml"
    entities = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 12))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "great">{entities}]>'
    path.write_text(bomb + feed(("1", "&l11;", GOOD[2])).removeprefix('<?xml version="1.0"?>'))
    try:
        rows, _ = rss.read([str(path)])
    except BadBars:
        return
    assert len(rows) <= 1


def test_an_archive_is_no_feed(tmp_path, monkeypatch):
    monkeypatch.setattr(rss, "MAX_BYTES", 100)
    path = tmp_path / "feed.xml"
    path.write_text(feed(GOOD, BAD))
    with pytest.raises(BadBars, match="longer than 100 bytes"):
        rss.read([str(path)])


@pytest.mark.parametrize("status", [404, 500])
def test_a_server_that_says_no(status):
    with serving(lambda path, query: (status, b"no")) as server:
        with pytest.raises(FetchFailed, match=rf"rss: .*cannot be read \(HTTP Error {status}"):
            rss.read([server.address])
        gone = server.address
    with pytest.raises(FetchFailed, match=r"rss: .*cannot be read .*refused"):
        rss.read([gone])


@pytest.mark.parametrize("address", ["file:///etc/passwd", "ftp://localhost/x", "/etc"])
def test_only_files_and_the_web(address):
    with pytest.raises(ValueError, match="rss: no file"):
        rss.read([address])


def test_a_missing_package_is_said(monkeypatch, file):
    import sys

    monkeypatch.setitem(sys.modules, "feedparser", None)
    with pytest.raises(
        ValueError, match=r"is not installed; .*pip install feedparser vadersentiment"
    ):
        rss.read([file(GOOD)])
