import dataclasses
import io
import math

import pytest
from rich.console import Console

from store.luck.sentences import paragraph
from store.query.results import Results
from store.records.history import HistoryRecord
from store.runs.columns import PERCENT
from store.runs.compaction import compact
from store.terminal.leaderboard import RunTable, elsewhere, leaderboard
from store.terminal.metric_text import cell, label, params_text
from tests.store.made_runs import SEARCH, add_blocks, filled, finish, new_experiment, run_table
from tests.store.views import LUCK


def text_of(renderable, width):
    console = Console(file=io.StringIO(), width=width, force_terminal=False)
    console.print(renderable)
    return console.file.getvalue()


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("store")
    experiment = filled(root, blocks=3, name="demo [bold]x")
    compact(root, experiment.id)
    return root


@pytest.mark.parametrize(
    ("metric", "value", "expected"),
    [
        ("total_return", 0.1234, "12.3"),
        ("max_drawdown", 1.0, "100.0"),
        ("sharpe", -0.456, "-0.46"),
        ("trades", 12_345, "12,345"),
        ("final_equity", 12_345.6, "12,346"),
        ("profit_factor", math.inf, "inf"),
        ("total_return", -math.inf, "-inf"),
        ("win_rate", math.nan, "-"),
        ("sharpe", None, "-"),
    ],
)
def test_cells(metric, value, expected):
    assert cell(metric, value) == expected


def test_percent_is_said_in_the_heading():
    assert label("total_return") == "return %"
    assert label("turnover") == "turnover x/year"
    assert label("profit_factor") == "profit factor"
    assert all(label(metric).endswith(" %") for metric in PERCENT)


def test_params_are_one_text():
    assert params_text({"fast": 20, "band": 0.1 + 0.2, "w.rsi": 1e-7}) == (
        "fast=20 band=0.3 w.rsi=1e-07"
    )


@pytest.mark.parametrize("width", [80, 100, 160])
def test_no_line_is_cut_and_no_number_broken(width, root):
    held = {"NASDAQ": {"sharpe": 0.41, "total_return": 1.5, "max_drawdown": 0.6, "trades": 1}}
    text = text_of(leaderboard(Results(root), n=5, buy_and_hold=held), width)
    assert max(map(len, text.splitlines())) <= width
    best = Results(root).top("sharpe", 5)
    for row in best.to_pylist():
        for shown in (
            row["config_hash"].hex()[:10]
            if width < 125
            else f"{row['experiment_id']}/{row['run']}",
            f"{row['sharpe']:.2f}",
            f"{100 * row['total_return']:.1f}",
            f"slow={row['params.slow']}",
            f"{row['trades']}",
        ):
            assert shown in text
    lines = text.splitlines()
    assert any(line.startswith("base ") for line in lines), "the baseline's row is next to it"
    hold = next(line for line in lines if line.startswith("hold "))
    assert all(number in hold for number in ("0.41", "150.0", "60.0"))
    assert "demo [bold]x" in text, "names are not markup"


def test_luck_is_said_below(root):
    results = Results(root)
    recorded = dataclasses.replace(results.experiments()[0], luck=LUCK.record())
    finish(root, recorded)
    text = " ".join(text_of(leaderboard(results, n=3), 80).split())
    best = results.top("sharpe", 1)["sharpe"][0].as_py()
    assert text.endswith(paragraph(recorded, best, root))
    assert f"The best here, {best:.2f}: chance of luck less than 1 in 4. It is" in text


def test_columns_that_tell_rows_apart_appear(tmp_path):
    experiment = new_experiment(
        tmp_path, search={**SEARCH, "metric": "max_drawdown", "mode": "min"}
    )
    tables = [
        run_table(experiment.id, first, 3, window=window, swept=["costs.commission"])
        for first, window in ((0, "train"), (3, "test"))
    ]
    add_blocks(tmp_path, experiment, tables)
    text = text_of(leaderboard(Results(tmp_path), n=6), 160)
    assert "window" in text
    assert "direction" not in text
    assert "costs.commission=0.000" in text
    assert text.index(f"{experiment.id}/") < text.index("base")
    lines = text_of(leaderboard(Results(tmp_path)), 90).splitlines()
    first = next(line for line in lines if line.split()[:1] == ["1"])
    lowest = Results(tmp_path).top("max_drawdown", 1)["max_drawdown"][0].as_py()
    assert f"{100 * lowest:.1f}" in first, "lowest first"


def test_an_experiment_whose_runs_all_failed(tmp_path):
    experiment = new_experiment(tmp_path)
    finish(tmp_path, experiment, status="failed")
    assert "The best of 120 configurations" in text_of(leaderboard(Results(tmp_path)), 80)


def test_where_skipped_runs_are(tmp_path):
    experiment = filled(tmp_path)
    assert elsewhere(experiment) == ""
    counts = experiment.counts | {"skipped": 1200}
    assert elsewhere(dataclasses.replace(experiment, counts=counts)) == "", "equal the baseline"
    counts |= {"planned": 1320}
    for n, names in (
        (1, "exp-0"),
        (3, "exp-0, exp-1, exp-2"),
        (5, "exp-0, exp-1, exp-2 and 2 more"),
    ):
        history = HistoryRecord(skips_runs_of=tuple(f"exp-{number}" for number in range(n)))
        older = dataclasses.replace(experiment, counts=counts, history=history)
        words = elsewhere(older)
        assert words.startswith(f"1,200 runs are not here: they are in {names}, or equal the ")
        whole = dataclasses.replace(older, history=dataclasses.replace(history, brought=1200))
        assert elsewhere(whole) == f"1,200 of the 1,320 runs were made before, by {names}."
    every = dataclasses.replace(whole, counts=counts | {"planned": 1200})
    assert elsewhere(every).startswith("All 1,200 runs were made before, by exp-0, ")


def test_the_daily_sharpe_ratio_is_shown_of_intraday_bars_only():
    def heads(daily):
        row = {"strategy": "sma", "symbol": "A", "window": "dev", "direction": "long", "ref": "e/1"}
        row |= {"metrics": {"sharpe": 1.5, "sharpe_daily": daily}, "params": {}, "settings": {}}
        return text_of(RunTable([row], "sharpe"), 160)

    assert "sharpe daily" in heads(0.75)
    assert "0.75" in heads(0.75)
    assert "sharpe daily" not in heads(1.5), "of days and longer it is the Sharpe ratio itself"
    assert "sharpe daily" not in heads(math.nan)
