"""The page: one file, nothing of the user's read as code, numbers as people read them."""

import dataclasses
import json
import math
from html.parser import HTMLParser

import pytest

from store.report.figures import distribution_figure, equity_figure, heat_map_figure
from store.report.numbers import duration_text, metric_text, param_text
from store.report.page import render, verdict
from store.report.view import Curve, Distribution, Entry, Equity, HeatMap, ReportView

NAN = float("nan")
METRICS = {
    "sharpe": 0.714,
    "annual_return": 0.1023,
    "max_drawdown": 0.305,
    "calmar": math.inf,
    "trades": 1234.0,
    "win_rate": NAN,
    "exposure": 0.606,
}


def entry(role=None, run=42, sharpe=0.714, **changes):
    facts = {
        "role": role,
        "run": run,
        "strategy": "sma",
        "symbol": "NASDAQ",
        "direction": "long",
        "window": "dev",
        "params": {"fast": 10.0, "band": -0.015, "stop_loss": NAN},
        "metrics": METRICS | {"sharpe": sharpe},
    }
    return Entry(**(facts | changes))


HEAT = HeatMap(
    group="sma · NASDAQ · long",
    metric="sharpe",
    x_name="fast",
    y_name="slow",
    x=(5.0, 10.0, 15.0),
    y=(20.0, 50.0),
    z=((0.1, 0.2, None), (0.3, -0.4, 0.25)),
)
EQUITY = Equity(
    "Run 42",
    (
        Curve("best", "run 42: fast 10", ("2020-01-01", "2020-01-02", "2020-01-03"), (1, 1.2, 0.9)),
        Curve("hold", "buy and hold", ("2020-01-01", "2020-01-02", "2020-01-03"), (1, 0.5, 0.0)),
    ),
    notes=("Costs included",),
)
VIEW = ReportView(
    id="exp-20260102-030405-ab12",
    title="Averages",
    subject="sma on NASDAQ, 1d",
    status="done",
    created="2026-01-02 03:04 UTC",
    configurations=3_129,
    metric="sharpe",
    entries=(
        entry(),
        entry(run=7, sharpe=0.7),
        entry("baseline", 0, 0.38),
        entry("hold", None, 0.31, strategy="", direction="", params={}),
    ),
    equity=EQUITY,
    counts={"planned": 3_129, "done": 3_127, "failed": 2, "pruned": 0},
    seconds=2.0,
    noise_sharpe=0.84,
    heat_maps=(HEAT,),
    distribution=Distribution("sharpe", (0.0, 0.5, 1.0), (3, 4)),
    facts=(("NASDAQ", "5,031 bars"),),
    command="python -m sweeper -m strategy=sma",
)


def changed(**changes):
    return dataclasses.replace(VIEW, **changes)


class Page(HTMLParser):
    """Elements, attributes and text of a page; what stands in script elements apart."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.texts, self.scripts, self._in = [], [], [], [], None
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self._in = tag

    def handle_endtag(self, tag):
        self._in = None

    def handle_data(self, data):
        (self.scripts if self._in == "script" else self.texts).append(data)

    @property
    def figures(self):
        return json.loads(self.scripts[0])

    @property
    def text(self):
        return " ".join(" ".join(self.texts).split())


def test_the_page_is_one_file_that_asks_for_nothing():
    html = render(VIEW)
    page = Page(html)
    assert len(html.encode()) < 8_000_000
    assert not {"link", "img", "iframe", "object", "embed", "base", "form"} & set(page.tags)
    assert not {"src", "href", "action", "srcset"} & {name for name, _ in page.attributes}
    assert ("content", CSP) in page.attributes
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert page.tags.count("script") == 3
    assert html.count("plotly.js v") == 1


CSP = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)


def test_every_figure_has_its_place():
    page = Page(render(VIEW))
    ids = {value for name, value in page.attributes if name == "id"}
    assert set(page.figures) == {"equity", "map-0", "distribution"}
    assert set(page.figures) <= ids


HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(2)>\"'&{{7*7}}<!--"


def test_nothing_of_the_users_is_read_as_code():
    nasty = entry(strategy=HOSTILE, symbol=HOSTILE, window=HOSTILE, params={HOSTILE: 1.0})
    other = entry(window="test")
    view = changed(
        title=HOSTILE,
        subject=HOSTILE,
        description=HOSTILE,
        hypothesis=HOSTILE,
        tags=(HOSTILE,),
        entries=(nasty, other),
        equity=Equity(HOSTILE, (Curve("best", HOSTILE, ("2020",), (1.0,)),), (HOSTILE,), HOSTILE),
        heat_maps=(dataclasses.replace(HEAT, group=HOSTILE, x_name=HOSTILE, note=HOSTILE),),
        maps_note=HOSTILE,
        distribution=Distribution("sharpe", (0.0, 1.0), (1,), HOSTILE),
        facts=((HOSTILE, HOSTILE),),
        command=HOSTILE,
    )
    html = render(view)
    page, calm = Page(html), Page(render(VIEW))
    assert page.tags.count("script") == calm.tags.count("script")
    assert "img" not in page.tags
    assert {name for name, _ in page.attributes} <= {name for name, _ in calm.attributes}
    assert "{{7*7}}" in page.text
    assert "49" not in page.text
    # plotly.js reads names as HTML: they arrive escaped once more.
    drawn = page.figures
    assert "<" not in drawn["equity"]["data"][0]["name"]
    assert "<" not in drawn["map-0"]["layout"]["xaxis"]["title"]["text"]
    assert "&lt;img" in drawn["map-0"]["data"][0]["hovertemplate"]


def test_a_template_of_plotly_in_a_name_is_not_filled_in():
    heat = dataclasses.replace(HEAT, x_name="%{z}")
    assert heat_map_figure(heat)["data"][0]["hovertemplate"].startswith("% {z} %{x}<br>")


def test_the_leaderboard_reads_as_numbers():
    text = Page(render(VIEW)).text
    assert "1 0.71 fast 10 band −0.015 stop_loss off 10.2 % 30.5 % ∞ 1,234 – 60.6 % 42" in text  # noqa: RUF001
    assert "0.38 baseline fast 10" in text
    assert "0.31 buy and hold" in text
    assert "3,129 configurations" in text.replace("configurations 3,129", "3,129 configurations")
    assert "3,129 planned, 3,127 done, 2 failed" in text


def test_columns_that_say_nothing_are_left_out():
    plain = Page(render(VIEW)).text
    assert "strategy" not in plain.partition("What ran")[0].partition("Leaderboard")[2]
    several = changed(entries=(entry(), entry(strategy="rsi", window="test")))
    text = Page(render(several)).text
    assert "# Sharpe strategy parameters window" in text
    assert "rsi NASDAQ long" in text


def test_what_was_searched_for_comes_first():
    text = Page(render(changed(metric="calmar"))).text
    assert "# Calmar parameters Sharpe return p.a." in text
    assert "best Calmar" in text


def test_no_run_is_said_plainly():
    view = changed(entries=(), equity=Equity("", problem="No run has succeeded."), heat_maps=())
    text = Page(render(dataclasses.replace(view, distribution=None, status="failed"))).text
    assert "No run succeeded. There is nothing to compare." in text
    assert "No run has succeeded." in text
    assert "failed" in text
    assert "Leaderboard" not in text


@pytest.mark.parametrize(
    ("changes", "heading", "sentence"),
    [
        ({}, "Luck explains this result.", "expected to show 0.84 on this history"),
        (
            {"noise_sharpe": 0.5},
            "The best of 3,129 configurations is not",
            "skill-free ones to 0.50",
        ),
        ({"noise_sharpe": None}, "The best of 3,129 configurations is not", "not computed"),
        ({"configurations": 1}, "One configuration is one observation.", "ratio is 0.71"),
        ({"entries": ()}, "No run succeeded.", "nothing to compare"),
    ],
)
def test_the_best_of_many_is_never_called_a_discovery(changes, heading, sentence):
    said = verdict(changed(**changes))
    assert said[0].startswith(heading)
    assert sentence in said[1]


# Figures


def test_the_fall_is_from_the_peak_and_zero_has_no_logarithm():
    figure = equity_figure(EQUITY)
    hold, best, _, best_fall = figure["data"]
    assert (hold["name"], best["name"]) == ("buy and hold", "run 42: fast 10")
    assert hold["y"] == [1, 0.5, None]
    assert best_fall["y"] == [0, 0, -0.25]
    assert best_fall["yaxis"] == "y2"
    assert {0.5, 1.0} <= set(figure["layout"]["yaxis"]["tickvals"])


def test_a_ring_marks_the_best_cell():
    ring = heat_map_figure(HEAT)["data"][1]
    assert (ring["x"], ring["y"]) == ([5.0], [50.0])
    lowest = dataclasses.replace(HEAT, metric="max_drawdown", higher_is_better=False)
    figure = heat_map_figure(lowest)
    assert (figure["data"][1]["x"], figure["data"][1]["y"]) == ([10.0], [50.0])
    assert figure["data"][0]["reversescale"]
    empty = dataclasses.replace(HEAT, z=((None,) * 3,) * 2)
    assert heat_map_figure(empty)["data"][1]["x"] == []


def test_uneven_values_get_cells_of_one_size():
    assert "type" not in heat_map_figure(HEAT)["layout"]["xaxis"]
    uneven = dataclasses.replace(HEAT, x=(5.0, 10.0, 100.0))
    assert heat_map_figure(uneven)["layout"]["xaxis"]["type"] == "category"


def test_one_parameter_is_a_line():
    line = dataclasses.replace(HEAT, y_name="", y=(0.0,), z=((0.1, 0.2, None),))
    figure = heat_map_figure(line)
    assert figure["data"][0]["type"] == "scatter"
    assert figure["data"][0]["y"] == [0.1, 0.2, None]


def test_a_distribution_marks_what_matters():
    marks = [("best", "best", 0.7), (None, "luck", 0.84), ("baseline", "baseline", NAN)]
    layout = distribution_figure(VIEW.distribution, marks)["layout"]
    assert [shape["x0"] for shape in layout["shapes"]] == [0.7, 0.84]
    assert [note["text"] for note in layout["annotations"]] == ["best 0.70", "luck 0.84"]
    assert [shape["line"]["dash"] for shape in layout["shapes"]] == ["solid", "dash"]


# Numbers


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("sharpe", 0.714, "0.71"),
        ("sharpe", -0.714, "−0.71"),  # noqa: RUF001
        ("sharpe", -0.001, "0.00"),
        ("total_return", 3.714, "371.4 %"),
        ("total_return", -0.5, "−50.0 %"),  # noqa: RUF001
        ("final_equity", 47_140.6, "47,141"),
        ("trades", 0.0, "0"),
        ("win_rate", NAN, "–"),  # noqa: RUF001
        ("sortino", math.inf, "∞"),
        ("sortino", -math.inf, "−∞"),  # noqa: RUF001
    ],
)
def test_metrics_in_their_units(name, value, text):
    assert metric_text(name, value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(20.0, "20"), (0.015, "0.015"), (1e-7, "1e-07"), (NAN, "off"), (-2, "−2")],  # noqa: RUF001
)
def test_parameters(value, text):
    assert param_text(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.42, "0.4 s"),
        (42, "42 s"),
        (200, "3 min 20 s"),
        (7_500, "2 h 5 min"),
        (5_400, "1 h 30 min"),
    ],
)
def test_durations(seconds, text):
    assert duration_text(seconds) == text
