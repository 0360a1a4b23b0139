"""The page: one file, nothing of the user's read as code, numbers as people read them."""

import dataclasses
import json
import math
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from store.report.figures.curves import equity_figure, months_figure, years_figure
from store.report.figures.folds import folds_figure, paths_figure
from store.report.figures.lines import parallel_figure, profile_figure
from store.report.figures.maps import heat_map_figure
from store.report.figures.spread import distribution_figure, gap_figure
from store.report.figures.trade_off import trade_off_figure
from store.report.html import FOLDER, render
from store.report.number_format import duration_text, metric_text, param_text, share_text
from store.report.verdict import front_text, verdict
from store.report.view_model import Axis, Caution, Curve, Distribution, Equity, Step
from tests.store.views import (
    CPCV,
    EQUITY,
    FOLD,
    GAP,
    HEAT,
    HOSTILE,
    LINES,
    LUCK,
    NAN,
    NEXT,
    PROFILE,
    TRADE_OFF,
    VIEW,
    WALK,
    entry,
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
    assert not {"src", "action", "srcset"} & {name for name, _ in page.attributes}
    links = [value for name, value in page.attributes if name == "href"]
    ids = [f"#{value}" for name, value in page.attributes if name == "id"]
    assert links
    assert set(links) <= set(ids)
    assert ("content", CSP) in page.attributes
    style = html.partition("<style>")[2].partition("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert page.tags.count("script") == 3
    assert html.count("plotly.js v") == 1


CSP = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:"
)


def test_every_figure_has_its_place_and_data():
    page = Page(render(VIEW))
    ids = {value for name, value in page.attributes if name == "id"}
    assert set(page.figures) == {
        "equity",
        "years",
        "months-best",
        "map-0",
        "profile-0",
        "lines",
        "distribution",
        "gap",
        "front",
        "folds-0",
        "paths-0",
    }
    assert set(page.figures) <= ids
    for figure in page.figures.values():
        assert any(trace["x"] and trace["y"] for trace in figure["data"])


def test_every_colour_of_a_figure_is_one_of_the_page():
    html = render(VIEW)
    style = html.partition("<style>")[2].partition("</style>")[0]
    light, dark = style.split("prefers-color-scheme: dark")
    text = json.dumps(Page(html).figures)
    names = {part.partition(")")[0] for part in text.split("var(")[1:]}
    assert "--best" in names
    for name in (*names, "--scale", "--diverging"):
        assert f"{name}: " in light
        assert f"{name}: " in dark.partition("}")[0]


def test_what_there_is_nothing_of_is_left_out():
    bare = changed(
        entries=VIEW.entries[:1],
        equity=Equity("", problem="No."),
        heat_maps=(),
        peaks=(),
        importance=(),
        profiles=(),
        lines=None,
        distribution=None,
        gap=None,
        trade_off=None,
        suggestion=None,
        walk_forward=({**WALK, "folds": []},),
        cpcv=({**CPCV, "paths": []},),
        steps=(),
        cautions=(),
    )
    page = Page(render(bare))
    assert page.figures == {}
    for heading in ("Trade-off", "Where it works", "What matters", "Against luck", "How to go on"):
        assert heading not in page.text
        assert heading in Page(render(VIEW)).text


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
        elsewhere=HOSTILE,
        cautions=(Caution(HOSTILE, f"`{HOSTILE}` {HOSTILE}"),),
        peaks=(dataclasses.replace(VIEW.peaks[0], family=HOSTILE, params={HOSTILE: 1.0}),),
        importance=(
            dataclasses.replace(VIEW.importance[0], family=HOSTILE, effects={HOSTILE: 0.5}),
        ),
        profiles=(dataclasses.replace(PROFILE, name=HOSTILE),),
        profiles_of=HOSTILE,
        lines=dataclasses.replace(
            LINES, axes=(Axis(HOSTILE, ((0.0, HOSTILE),)),) * 2, texts=(HOSTILE,) * 2
        ),
        gap=dataclasses.replace(GAP, texts=(HOSTILE,) * 2, note=HOSTILE),
        trade_off=dataclasses.replace(
            TRADE_OFF, texts=(HOSTILE,) * 2, front=(nasty, nasty), note=HOSTILE
        ),
        suggestion=dataclasses.replace(NEXT, weights={HOSTILE: 1.0}, advice=f"`{HOSTILE}`"),
        walk_forward=(
            {
                **WALK,
                "symbol": HOSTILE,
                "folds": [{**FOLD, "strategy": HOSTILE, "params": {HOSTILE: 1}}],
            },
        ),
        cpcv=({**CPCV, "symbol": HOSTILE},),
        steps=(Step(HOSTILE, HOSTILE),),
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
    assert "{{49}}" not in html
    assert str(escape(HOSTILE)).count("<") == 0
    # plotly.js reads text as HTML: what is the user's arrives escaped once more.
    drawn = "".join(json.dumps(figure) for figure in page.figures.values())
    own = ("<br>", "<extra>", "</extra>")
    for mark in own:
        drawn = drawn.replace(mark, "")
    assert "<" not in drawn
    assert "&lt;img" in drawn


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


def test_symbols_have_a_column_where_there_are_several():
    board = render(changed(symbols=("NASDAQ", "SP500"))).partition("Leaderboard")[2]
    assert '<td class="text">NASDAQ</td>' in board
    assert '<td class="text">NASDAQ</td>' not in render(VIEW).partition("Leaderboard")[2]


def test_swept_words_stand_among_the_parameters():
    page = render(changed(entries=(entry(words={"fill": "same_close"}),)))
    assert "<span>fill&nbsp;<b>same_close</b></span>" in page


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
        ({}, "Luck explains this result.", "Chance of luck 80 %."),
        (
            {"luck": LUCK.compared(1.2), "luck_text": "Chance of luck less than 1 in 4."},
            "Luck explains this result.",  # four histories cannot say more than one in five
            "less than 1 in 4",
        ),
        (
            {"luck": dataclasses.replace(LUCK, chance=0.004), "luck_text": "Seldom."},
            "The best of 3,129 configurations is not a discovery.",
            "Seldom.",
        ),
        (
            {"luck": None, "luck_text": "How much is luck was not measured."},
            "The best of 3,129 configurations is not",
            "not measured",
        ),
        (
            {"configurations": 1, "luck_text": "Without skill it shows 0.00."},
            "One configuration is one observation.",
            "ratio is 0.71 on bars that were already known when it was chosen. Without skill it",
        ),
        (
            {"configurations": 1, "luck_text": ""},
            "One configuration is one observation.",
            "when it was chosen.",
        ),
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


def test_best_run_and_plateau_are_marked():
    figure = heat_map_figure(HEAT)
    cells, square, ring = figure["data"]
    assert (ring["x"], ring["y"]) == ([5.0], [50.0])
    assert (square["x"], square["y"]) == ([10.0], [20.0])
    (box,) = figure["layout"]["shapes"]
    assert [box[side] for side in ("x0", "x1", "y0", "y1")] == [2.5, 17.5, 5.0, 65.0]
    assert not cells["reversescale"]
    lowest = dataclasses.replace(HEAT, metric="max_drawdown", higher_is_better=False)
    assert heat_map_figure(lowest)["data"][0]["reversescale"]


def test_what_has_no_place_is_not_marked():
    figure = heat_map_figure(dataclasses.replace(HEAT, best=None, centre=None))
    assert [trace["x"] for trace in figure["data"][1:]] == [[], []]
    assert figure["layout"]["shapes"] == []
    binned = dataclasses.replace(HEAT, single_steps=False)
    assert heat_map_figure(binned)["layout"]["shapes"] == []


def test_uneven_values_get_cells_of_one_size():
    assert "type" not in heat_map_figure(HEAT)["layout"]["xaxis"]
    uneven = dataclasses.replace(HEAT, x=(5.0, 10.0, 100.0))
    layout = heat_map_figure(uneven)["layout"]
    assert layout["xaxis"]["type"] == "category"
    assert (layout["shapes"][0]["x0"], layout["shapes"][0]["x1"]) == (-0.5, 2.5)


def test_one_parameter_is_a_line():
    line = dataclasses.replace(
        HEAT, y_name="", y=(0.0,), z=((0.1, 0.2, None),), best=(1, 0), centre=None
    )
    figure = heat_map_figure(line)
    assert figure["data"][0]["type"] == "scatter"
    assert figure["data"][0]["y"] == [0.1, 0.2, None]
    assert (figure["data"][2]["x"], figure["data"][2]["y"]) == ([10.0], [0.2])
    assert figure["data"][1]["y"] == []


def test_a_distribution_marks_what_matters():
    marks = [("best", "best", 0.7), (None, "luck", 0.84), ("baseline", "baseline", NAN)]
    layout = distribution_figure(VIEW.distribution, marks)["layout"]
    lines, leaders = layout["shapes"][::2], layout["shapes"][1::2]
    assert [shape["x0"] for shape in lines] == [shape["x0"] for shape in leaders] == [0.7, 0.84]
    assert [note["text"] for note in layout["annotations"]] == ["best 0.70", "luck 0.84"]
    assert [shape["line"]["dash"] for shape in lines] == ["solid", "dash"]
    assert [shape["y1"] for shape in leaders] == [note["yshift"] for note in layout["annotations"]]


def test_what_luck_alone_would_show_is_a_line_beside_the_bars():
    figure = distribution_figure(VIEW.distribution, [])
    bars, luck = figure["data"]
    assert bars["x"] == luck["x"] == [0.25, 0.75]
    assert luck["y"] == [4.0, 1.5]
    plain = dataclasses.replace(VIEW.distribution, expected=())
    assert len(distribution_figure(plain, [])["data"]) == 1


def test_what_none_beats_is_a_staircase_on_axes_that_run_the_better_way():
    figure = trade_off_figure(TRADE_OFF, VIEW.entries)
    every, front, base, hold = figure["data"]
    assert (every["x"], every["y"]) == ([0.1, 0.2], [0.3, 0.4])
    assert (front["x"], front["y"]) == ([0.714, 0.5], [0.305, 0.2])
    assert front["text"][0] == "run 42: sma NASDAQ long fast 10 band −0.015 stop_loss off"  # noqa: RUF001
    assert (front["mode"], front["line"]["shape"]) == ("markers+lines", "vh")
    assert (base["name"], base["x"]) == ("baseline", [0.38])
    assert (hold["name"], hold["x"]) == ("buy and hold", [0.31])
    assert "autorange" not in figure["layout"]["xaxis"]
    assert figure["layout"]["yaxis"]["autorange"] == "reversed"
    goals = (*TRADE_OFF.goals, ("trades", "max"))
    more = trade_off_figure(dataclasses.replace(TRADE_OFF, goals=goals), [])
    assert more["data"][1]["mode"] == "markers"
    endless = dataclasses.replace(TRADE_OFF, goals=(("calmar", "max"), ("win_rate", "max")))
    assert trade_off_figure(endless, [])["data"][1]["x"] == [None, None]


def test_the_front_is_listed_and_told():
    text = Page(render(VIEW)).text
    told = (
        "2 configurations are beaten by none in highest Sharpe and lowest max drawdown, from "
        "Sharpe 0.71, max drawdown 30.5 % to Sharpe 0.50, max drawdown 20.0 %: to gain in one is "
        "to lose in another. Both axes"
    )
    assert told in text
    assert "Drawn are 2 of 99 configurations. #" in text
    assert "# Sharpe parameters max drawdown return p.a." in text
    many = dataclasses.replace(TRADE_OFF, front=TRADE_OFF.front * 15, size=30)
    goals = (*TRADE_OFF.goals, ("trades", "max"))
    third = changed(trade_off=dataclasses.replace(TRADE_OFF, goals=goals))
    assert "is ahead in a metric that is not drawn" in Page(render(third)).text
    assert "not drawn" not in text
    assert "The first 20 are listed." in Page(render(changed(trade_off=many))).text
    alone = dataclasses.replace(TRADE_OFF, front=TRADE_OFF.front[:1], size=1)
    assert front_text(alone) == (
        "One configuration is best in all that was searched for: highest Sharpe and lowest max "
        "drawdown."
    )


def test_what_to_use_next_is_told_with_what_it_is_worth():
    text = Page(render(changed(suggestion=dataclasses.replace(NEXT, weights={"rsi": 0.5})))).text
    advice = "not promotable before python -m promote check exp-20260102-030405-ab12/3 ."
    assert f"How to go on Its plateau's middle, Sharpe 2.00; {advice}" in text
    assert "Weights, medians over the best plateau: rsi 0.5 ." in text


def test_the_overfit_region_lies_below_what_chance_explains():
    region, equal, dots, best = gap_figure(GAP)["data"]
    border = 0.7 - 1.645 * 0.2
    assert region["y"][1] == pytest.approx(border)
    assert min(region["y"]) <= gap_figure(GAP)["layout"]["yaxis"]["range"][0] < border
    assert equal["x"] == equal["y"] == [0.1, 0.7]
    assert (dots["x"], dots["y"]) == ([0.1, 0.7], [0.2, 0.1])
    assert (best["x"], best["y"]) == ([0.7], [0.1])
    other = dataclasses.replace(GAP, error=None, best=None)
    assert [trace["name"] for trace in gap_figure(other)["data"]] == [
        "test as good as train",
        "runs",
    ]


def test_each_line_has_the_shade_of_its_rank():
    traces = parallel_figure(LINES)["data"]
    assert [trace["y"] for trace in traces] == [[0.0, 0.1, None], [], [], [0.5, 0.9, None]]
    assert traces[3]["text"] == ["run 42: fast 10", "run 42: fast 10", ""]
    between = dataclasses.replace(LINES, ranks=(0.5, 0.99))
    shades = [len(trace["y"]) for trace in parallel_figure(between)["data"]]
    assert shades == [3, 0, 3, 0]


def test_a_profile_marks_best_and_plateau():
    figure = profile_figure(PROFILE, "sharpe")
    assert figure["data"][0]["y"] == [0.3, 0.4, 0, 0]
    assert [shape["x0"] for shape in figure["layout"]["shapes"]] == [5.0, 10.0]
    assert "type" not in figure["layout"]["xaxis"]
    powers = dataclasses.replace(
        PROFILE, x=(1e-3, 1e-2, 1.0), low=(0,) * 3, middle=(0,) * 3, high=(0,) * 3, top=(0,) * 3
    )
    assert profile_figure(powers, "sharpe")["layout"]["xaxis"]["type"] == "log"
    off = dataclasses.replace(PROFILE, best=None, centre=None)
    assert profile_figure(off, "sharpe")["layout"]["shapes"] == []


def test_months_and_years():
    months, totals = months_figure(EQUITY.months[0])["data"]
    assert months["z"][0] == [*[None] * 11, 0.01, None]
    assert months["text"][1][0] == "−10.0"  # noqa: RUF001
    assert totals["z"][1] == [*[None] * 12, -0.7]
    assert (totals["zmin"], totals["zmax"]) == (-0.01, 0.01)
    nothing = months_figure(EQUITY.months[1])["data"]
    assert nothing[0]["zmax"] == 1.0
    years = years_figure(EQUITY.months)["data"]
    assert [(trace["name"], trace["y"]) for trace in years] == [
        ("run 42", [0.01, -0.7]),
        ("buy and hold", [0.1, None]),
    ]


def test_folds_and_paths():
    train, test = folds_figure(WALK)["data"]
    assert (train["x"], train["y"], test["y"]) == (["2005-01-03<br>2005-12-30"], [0.8], [0.3])
    old = {**WALK, "folds": [{**FOLD, "test": {"role": "test_1"}}]}
    assert folds_figure(old)["data"][0]["x"] == ["test_1"]
    (paths,) = paths_figure(CPCV)["data"]
    assert paths["y"] == [-0.1, 0.2, 0.3]


def test_the_text_says_what_the_plots_show():
    text = Page(render(VIEW)).text
    for said in (
        "Too few trades. The best run made 3.",
        "sma · NASDAQ · long fast 10 0.65 0.66 9 0.71 0.60 84 % 41",
        "sma · NASDAQ · long 3,127 fast 25 % slow –",  # noqa: RUF001
        "In 50 % of the runs the test falls short",
        "Rank correlation of train and test: −0.25",  # noqa: RUF001
        "2001-01-02 to 2004-12-31 2005-01-03 to 2005-12-30 sma long fast 10 risk.stop_loss off",
        "0.80 0.30 4.0 %",
        "Walk-forward efficiency",
        "python -m store show latest",
    ):
        assert said in text
    assert "PED-ANOVA" not in text
    large = dataclasses.replace(VIEW.importance[0], among_best={"fast": 0.6, "slow": 0.4})
    assert "PED-ANOVA" in Page(render(changed(importance=(large,)))).text


def test_rows_elsewhere_are_said():
    text = Page(render(changed(elsewhere="5 runs are in `exp-1`."))).text
    assert "5 runs are in exp-1 ." in text


def test_tables_sort_by_the_number_behind_the_text():
    html = render(VIEW)
    assert '<td data-key="1234">1,234</td>' in html
    assert '<td data-key="0.1023">10.2 %</td>' in html
    assert '<td data-key="1e+300">∞</td>' in html
    assert f'<td data-key="">{metric_text("win_rate", NAN)}</td>' in html
    assert "table.sortable" in (FOLDER / "page.js").read_text()
    assert html.count('class="sortable"') == 3
    ranked = html.partition("<tbody>")[2].partition("</tbody>")[0]
    assert "buy and hold" not in ranked  # what stands next to is not sorted among the ranked


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


def test_shares():
    assert [share_text(one) for one in (0.621, 0.0, NAN)] == ["62 %", "0 %", "–"]  # noqa: RUF001
