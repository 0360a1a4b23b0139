"""Configurations over symbols: medians by hand, links between symbols, and what is collapsed."""

import io

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from store.errors import UnknownReference
from store.query.results import Results
from store.records.symbols import symbols_text
from store.terminal.collapsed_rows import collapsed, collapsed_groups
from store.terminal.configuration_table import ConfigurationTable
from store.terminal.leaderboard import leaderboard, suggestion_lines
from tests.store.made_runs import add_blocks, digests, new_experiment, run_table

SYMBOLS = ("A", "B", "C", "D")
FAST = (5, 10, 15)
SHARPES = {
    "A": [0.1, 0.5, 2.0],
    "B": [0.2, 0.6, -1.0],
    "C": [0.3, 0.7, -0.5],
    "D": [0.6, 0.2, 0.1],
}
"""By symbol, of fast = 5, 10 and 15. Medians: 0.25, 0.55, -0.2."""
SHIFTS = {"A": -3.0, "B": -0.1, "C": 0.1, "D": 2.0}
"""By symbol; their median is 0."""
ROLES = ("train_1", "train_2", "test_1")
WINDOWS = [{"role": "dev", "start": 0, "stop": 900}]


def group(symbol, place, width=3, windows=WINDOWS, **changes):
    return {
        "strategy": "sma",
        "symbol": symbol,
        "direction": "long",
        "overrides": [],
        "space": {"params.fast": "5,10,15"},
        "baseline_in_space": True,
        "settings": {"periods_per_year": 252.0 + place},
        "windows": windows,
        "first_run": place * width * len(windows),
        "points": width,
        "runs": width * len(windows),
        **changes,
    }


def store_of(root, sharpes, groups=None, fast=FAST, swept=None, command=("x", "-m"), **columns):
    """An experiment on the symbols of `sharpes`, a run for each of `fast` on each."""
    names, n = list(sharpes), len(fast)
    groups = groups or [group(name, place, n) for place, name in enumerate(names)]
    data = {
        name: {
            "source": "csv", "timeframe": "1d", "bars": 1000 + place, "first": "2019-01-01",
            "last": "2023-01-01", "periods_per_year": 252.0, "fingerprint": "f" * 64,
            "quality": {"score": 1.0, "gaps": 0, "zero_volume": 0, "repaired": 0},
        }
        for place, name in enumerate(names)
    }  # fmt: skip
    experiment = new_experiment(root, groups=groups, command=list(command), data=data)
    table = run_table(
        experiment.id,
        n=n * len(names),
        params={"fast": int},
        swept=tuple(swept or ()),
        direction="long",
        symbol=[name for name in names for _ in fast],
        params_hash=[digests(1, "idea", number)[0] for _ in names for number in fast],
        sharpe=np.array([value for name in names for value in sharpes[name]]),
        **{"params.fast": np.tile(fast, len(names))},
        **(swept or {}),
        **columns,
    )
    return add_blocks(root, experiment, [table])


@pytest.fixture
def four(tmp_path):
    store_of(tmp_path, SHARPES)
    return Results(tmp_path)


def text_of(thing, width=80):
    console = Console(file=io.StringIO(), width=width)
    console.print(thing)
    return console.file.getvalue()


def test_a_configuration_is_the_median_over_symbols(four):
    rows = four.by_configuration()
    assert [row["params"]["fast"] for row in rows] == [10, 5, 15]
    assert [row["median"] for row in rows] == pytest.approx([0.55, 0.25, -0.2])
    assert [row["mean"] for row in rows] == pytest.approx([0.5, 0.3, 0.15])
    assert [row["worst"] for row in rows] == [0.2, 0.1, -1.0]
    assert [row["worst_symbol"] for row in rows] == ["D", "A", "B"]
    assert [row["positive"] for row in rows] == [4, 4, 2]
    assert {(row["n"], row["symbols"]) for row in rows} == {(4, 4)}


def test_as_pandas_says(tmp_path):
    rng = np.random.default_rng(5)
    sharpes = {f"S{k}": rng.normal(size=40).tolist() for k in range(9)}
    store_of(tmp_path, sharpes, fast=range(40))
    rows = Results(tmp_path).by_configuration(n=40)
    by_fast = pd.DataFrame(sharpes).median(axis=1).sort_values(ascending=False)
    assert [row["params"]["fast"] for row in rows] == by_fast.index.tolist()
    assert [row["median"] for row in rows] == pytest.approx(by_fast.tolist())


def test_a_configuration_that_lacks_a_symbol_ranks_after_those_on_all(tmp_path):
    store_of(tmp_path, SHARPES | {"A": [0.1, np.nan, np.inf]})
    rows = Results(tmp_path).by_configuration()
    assert [(row["params"]["fast"], row["n"]) for row in rows] == [(5, 4), (10, 3), (15, 3)]
    assert rows[1]["median"] == 0.6


def test_settings_have_to_match_too(tmp_path):
    stops = np.array([0.1, np.nan, np.nan, 0.1, np.nan, np.nan, 0.1, np.nan, 0.2])
    store_of(
        tmp_path,
        {name: SHARPES[name] for name in "ABC"},
        swept={"risk.stop_loss": stops},
    )
    rows = Results(tmp_path).by_configuration()
    found = {
        (row["params"]["fast"], row["n"], str(row["settings"]["risk.stop_loss"])) for row in rows
    }
    assert found == {(5, 3, "0.1"), (10, 3, "nan"), (15, 2, "nan"), (15, 1, "0.2")}


def test_what_else_was_swept_is_told_apart(tmp_path):
    fills = [["fill=next_open"], ["fill=same_close"]]
    groups = [group(name, k, overrides=fills[k % 2]) for k, name in enumerate("AABBCC")]
    sharpes = {str(k): [0.1 * k, 0, -1] for k in range(6)}
    store_of(tmp_path, sharpes, groups=groups)
    rows = Results(tmp_path).by_configuration(n=2)
    assert [(row["cell"], row["n"]) for row in rows] == [
        ("fill=same_close", 3),
        ("fill=next_open", 3),
    ]
    assert [row["median"] for row in rows] == pytest.approx([0.3, 0.2])


def test_windows_count_by_their_mean_on_train(tmp_path):
    windows = [{"role": role, "start": 0, "stop": 9} for role in ROLES]
    groups = [group(name, k, 1, windows) for k, name in enumerate("ABC")]
    sharpes = {"A": [1.0, 3.0, 9.0], "B": [0.0, 1.0, 9.0], "C": [-2.0, 0.0, 9.0]}
    store_of(tmp_path, sharpes, groups=groups, fast=(5, 5, 5), window=list(ROLES) * 3)
    (row,) = Results(tmp_path).by_configuration()
    assert (row["median"], row["worst"], row["n"]) == (0.5, -1.0, 3)


def test_another_metric_ranks_by_its_own_best_end(tmp_path):
    depth = np.array([0.1, 0.2, 0.3] * 4)
    store_of(tmp_path, SHARPES, max_drawdown=depth)
    rows = Results(tmp_path).by_configuration("latest", "max_drawdown", 1)
    assert [(row["params"]["fast"], row["median"], row["worst"]) for row in rows] == [(5, 0.1, 0.1)]
    with pytest.raises(UnknownReference, match="sharp: is no metric of these runs; did you mean"):
        Results(tmp_path).by_configuration("latest", "sharp")


def test_the_table_fits_eighty_columns(four):
    shown = text_of(ConfigurationTable(four.by_configuration()))
    assert max(map(len, shown.splitlines())) <= 80
    best = next(line for line in shown.splitlines() if "fast=10" in line)
    assert best.split() == ["1", "sma", "fast=10", "0.55", "0.50", "0.20", "4", "4"]


def test_baselines_and_holds_of_many_symbols_are_one_line_each(tmp_path):
    store_of(tmp_path, SHARPES, baseline=np.arange(12) % 3 == 0)
    held = {name: {"sharpe": 0.1 * k} for k, name in enumerate(SYMBOLS)}
    shown = text_of(leaderboard(Results(tmp_path), buy_and_hold=held), 120).splitlines()
    (base,) = [line for line in shown if line.startswith("base")]
    (hold,) = [line for line in shown if line.startswith("hold")]
    assert "median of 4" in base
    assert "median of 4" in hold
    assert "0.25" in base.split()
    assert "0.15" in hold.split()


def test_two_symbols_stay_two_lines():
    rows = [("base", {"strategy": "sma", "symbol": name, "metrics": {}}) for name in "AB"]
    assert collapsed(rows) == rows


def test_groups_of_a_summary_are_one_line(four):
    groups = four.summary()["groups"]
    assert len(groups) == 4
    (row,) = collapsed_groups(groups)
    assert (row["symbol"], row["runs"]) == ("4 symbols", 12)
    assert row["best"] == np.median([2.0, 0.6, 0.7, 0.6])


def test_a_summary_has_the_configurations(four):
    assert four.summary()["by_configuration"] == four.by_configuration()


def test_next_is_the_best_plateau_of_the_medians_on_all_symbols(tmp_path):
    words = ["x", "-m", "strategy=sma", "data=csv", "data.symbols=[]", "params.fast=5,10,15"]
    ridge = [0.0, 0.1, 0.6, 0.7, 0.6, 0.1, 0.0]
    sharpes = {name: [value + shift for value in ridge] for name, shift in SHIFTS.items()}
    store_of(tmp_path, sharpes, fast=range(2, 16, 2), command=words)
    found = Results(tmp_path).suggestion()
    assert (found["params"], found["symbols"]) == ({"fast": 8}, 4)
    assert found["own"] == found["sharpe"] == pytest.approx(0.7)
    assert found["overrides"][:4] == (
        "strategy=sma",
        "data=csv",
        "data.symbols=[]",
        "params.fast=8",
    )
    first, *_ = suggestion_lines(found)
    assert first.startswith("Next: the middle of the best plateau, over 4 symbols, fast=8: median ")


def test_symbols_that_were_swept_one_by_one_are_all_read_again(tmp_path):
    groups = [
        group(name, k, overrides=[f"data.symbols=[{name}]"]) for k, name in enumerate(SYMBOLS)
    ]
    store_of(tmp_path, SHARPES, groups=groups, command=["x", "-m", "data.symbols=[A],[B],[C],[D]"])
    assert "data.symbols=[A,B,C,D]" in Results(tmp_path).suggestion()["overrides"]


def test_many_symbols_are_counted_few_are_named():
    assert symbols_text(["A", "B", "A"]) == "A, B"
    assert symbols_text(f"S{k}" for k in range(50)) == "50 symbols"
