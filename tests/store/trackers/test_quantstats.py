import re
from html.parser import HTMLParser

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.errors import StoreError
from store.trackers.quantstats import daily_returns, write_tearsheet
from sweeper.sweep import sweep

pytestmark = pytest.mark.slow

LOADS = {"src", "srcset", "action", "data", "poster", "background"}


class Attributes(HTMLParser):
    """Elements of a page, and their attributes."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


@pytest.fixture(scope="module")
def page(results, tmp_path_factory):
    path = tmp_path_factory.mktemp("sheet") / "deep" / "sheet.html"
    assert write_tearsheet(results, "latest/best", path) == path
    return path.read_text()


def figures(page, metric):
    """Of holding, then of the run."""
    row = re.search(rf"<td>{re.escape(metric)}</td><td>(.*?)</td><td>(.*?)</td>", page)
    return [float(text.rstrip("%").replace(",", "")) for text in row.groups()]


def test_its_numbers_are_those_of_the_store(page, results):
    (best,) = results.standings("latest", 1)
    hold, own = figures(page, "Sharpe")
    assert own == pytest.approx(best["metrics"]["sharpe"], abs=0.005001)
    assert hold != own
    assert figures(page, "Sortino")[1] == pytest.approx(best["metrics"]["sortino"], abs=0.005001)
    drawdown = figures(page, "Max Drawdown")[1]
    assert -drawdown / 100 == pytest.approx(best["metrics"]["max_drawdown"], abs=5.001e-5)


def test_the_page_loads_nothing(page):
    found = Attributes(page)
    assert not {"link", "script", "iframe", "object", "embed", "base"} & found.tags
    assert not LOADS & {name for name, _ in found.attributes}
    links = [value for name, value in found.attributes if name.endswith("href")]
    assert {link for link in links if not link.startswith("#")} == {"http://quantstats.io"}
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)
    assert page.count("<svg") >= 8


def test_it_says_which_run_it_is_of(page, results):
    (best,) = results.standings("latest", 1)
    values = " ".join(f"{name}={value}" for name, value in best["params"].items())
    assert f"sma {values} on NASDAQ, {best['ref']}" in page


def test_the_verb_writes_below_reports(results, elsewhere):
    ended = CliRunner().invoke(app, ["tearsheet", "latest/0", "--root", str(results.root)])
    assert ended.exit_code == 0, ended.output
    (path,) = elsewhere.glob("reports/*.html")
    assert ended.stdout.strip() == str(path.relative_to(elsewhere))
    assert path.name.endswith("-0-tearsheet.html")


def test_days_are_put_together_of_shorter_bars():
    times = pd.DatetimeIndex(
        ["2020-01-01 10:00", "2020-01-01 22:00", "2020-01-02 10:00", "2020-01-05 00:00"], tz="UTC"
    )
    found = daily_returns(times, np.array([90.0, 110.0, 55.0, 0.0]), 100.0)
    assert found.index.strftime("%d").tolist() == ["01", "02", "05"]
    assert found.to_numpy() == pytest.approx([0.1, -0.5, -1.0])
    days = times[[0, 2, 3]]
    assert daily_returns(days, np.array([5.0, 0.0, 0.0]), 5.0).tolist() == [0.0, -1.0, 0.0]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("params.fast=250", "params.slow=400", "data.end=2000-03-01"), "made no trade"),
        (("params.fast=2", "params.slow=3", "data.end=1999-02-20"), "a tear sheet needs 30"),
    ],
)
def test_what_has_nothing_to_show_is_refused(words, said, elsewhere):
    from store.query.results import Results

    sweep("strategy=sma", *words, "executor=inline")
    with pytest.raises(StoreError, match=said):
        write_tearsheet(Results("results"), "latest/best")
    assert not (elsewhere / "reports").exists()
