"""Sweep: one's own bars in a notebook, counted, judged, drawn, in the store of the command line."""

import asyncio
import subprocess
import sys
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest
from numba import njit

from kernels.indicators import column, sma
from kernels.strategy import Row
from serve.notebook.gate import Refused
from store.ledger import ledger
from store.query.results import Results
from store.registry import open_registry
from sweeper import Backtest, Sweep, run_backtest
from sweeper.run.events import Finished, Planned
from tests.documents import ROOT

LEVEL = 0.0


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))


@pytest.fixture(scope="module")
def frame():
    times = pd.bdate_range("2010-01-04", periods=900, tz="UTC")
    close = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(3e-4, 0.01, 900)))
    columns = {"open": close, "high": close * 1.001, "low": close * 0.999, "close": close}
    return pd.DataFrame(columns | {"volume": 1.0}, index=times)


SPACE = {"fast": range(3, 9, 2), "slow": [20, 30]}


@pytest.fixture(scope="module")
def study(frame, tmp_path_factory):
    root = tmp_path_factory.mktemp("study") / "results"
    return Sweep(frame, "sma", SPACE, root=root, executor="inline", name="mine").run()


def test_a_frame_is_swept_without_its_holdout_and_its_tries_are_counted(study, frame):
    runs = study.frame()
    assert len(runs) == 7  # 3 x 2 and the defaults
    assert study.experiment.name == "mine"
    assert runs["end"].max() < frame.index[int(0.8 * 900)]
    (row,) = ledger.rows(study.results.root)
    assert (row["strategy"], row["new"]) == ("sma", 7)
    assert row["symbol"].startswith("BARS-")


def test_what_it_gives_is_short_in_a_terminal_too(study, frame):
    best = study.best()
    assert repr(best).startswith(f"Best({best['ref']}: fast {best.params['fast']:g}, slow ")
    assert repr(best).endswith(f"trades {best.metrics['trades']:g})")
    assert repr(study.luck()) == study.luck().sentence
    result = run_backtest(Backtest(strategy="sma", params=dict(best.params), bars=frame))
    assert repr(result) == result.stats().to_string()


def test_a_row_has_the_bits_of_a_backtest(study, frame):
    best = study.best()
    alone = run_backtest(
        Backtest(
            strategy="sma",
            params=dict(best.params),
            bars=frame.iloc[:720],
        )
    )
    assert alone.metrics["sharpe"] == best.metrics["sharpe"]
    np.testing.assert_array_equal(study.equity().to_numpy(), alone.equity.to_numpy())
    assert study.trades()["pnl"].tolist() == alone.trades["pnl"].tolist()


def exchange_days(n):
    return pd.bdate_range("2010-01-04", periods=n, tz="UTC")


def holed_days(n):
    days = pd.date_range("2010-01-04", periods=2 * n, tz="UTC")
    return days[np.random.default_rng(8).permutation(2 * n)[:n]].sort_values()


@pytest.mark.parametrize(
    ("times", "bars_a_year"),
    [
        (exchange_days, 261),
        (lambda n: pd.date_range("2010-01-01", periods=n, tz="UTC"), 365),
        (lambda n: pd.date_range("2010-01-01", periods=n, freq="h", tz="UTC"), 8_760),
        (holed_days, None),
    ],
)
def test_a_frame_has_the_bars_a_year_of_run_backtest(frame, tmp_path, times, bars_a_year):
    """At a holdout of a third: the bars in it are not counted."""
    bars = frame.set_index(times(len(frame)))
    study = Sweep(bars, "sma", {"fast": [5], "slow": [20]}, root=tmp_path / "r", holdout=1 / 3,
                  executor="inline").run()  # fmt: skip
    best = study.best()
    alone = run_backtest(Backtest(strategy="sma", params=dict(best.params), bars=bars.iloc[:600]))
    for name in ("sharpe", "annual_return", "volatility"):
        assert alone.metrics[name] == best.metrics[name], name
    used = study.experiment.groups[0].periods_per_year
    assert bars_a_year is None or used == pytest.approx(bars_a_year, rel=0.02)


def test_a_stated_calendar_says_how_many_bars_a_year_has(frame, tmp_path):
    study = Sweep(frame, "sma", SPACE, root=tmp_path / "r", calendar="XNYS")
    assert "periods_per_year" not in study.command
    given = Sweep(frame, "sma", SPACE, root=tmp_path / "r",
                  overrides=["data.periods_per_year=260"])  # fmt: skip
    assert given.command.count("periods_per_year") == 1


def test_the_same_again_runs_nothing_and_is_counted_once(study, frame):
    again = Sweep(frame, "sma", SPACE, root=study.results.root, executor="inline", name="mine")
    assert again.run().id == study.id
    assert sum(row["new"] for row in ledger.rows(study.results.root)) == 7


def test_a_map_has_each_configuration_at_its_place(study):
    figure = study.heatmap("fast", "slow")
    cells = figure.data[0]
    runs = study.frame().set_index(["params.fast", "params.slow"])["sharpe"]
    assert list(cells.x) == [3, 5, 7]
    for x, fast in enumerate(cells.x):
        for y, slow in enumerate(cells.y):
            assert cells.z[y][x] == pytest.approx(runs[fast, slow], rel=1e-3)
    with pytest.raises(ValueError, match="fastt: is no parameter"):
        study.heatmap("fastt")


def test_luck_is_said_with_its_chance(study):
    luck = study.luck()
    assert luck.best == pytest.approx(study.frame()["sharpe"].max())
    assert luck.sentence.startswith("On bars without skill the best of these 7")
    assert 0 < luck.chance <= 1
    assert str(luck) in study._repr_html_()


def test_the_gate_is_asked_and_its_look_is_on_record(study, tmp_path):
    checked = study.check(allow_dirty=True)
    assert not checked.passed
    assert set(checked.frame()["verdict"]) <= {"pass", "WARN", "FAIL"}
    assert "may not be promoted" in checked._repr_html_()
    with pytest.raises(Refused, match="the gate has refused it"):
        study.promote("trend", profiles=tmp_path / "profiles", allow_dirty=True)
    assert not list(tmp_path.glob("profiles/*/v1.yaml"))


def test_what_passes_becomes_a_profile_that_no_one_has_approved(study, tmp_path):
    limits = dict.fromkeys(study.check(allow_dirty=True).frame()["check"].str.replace(" ", "_"))
    limits["min_trades"] = 1
    done = study.promote("easy", profiles=tmp_path / "p", reason="a test", **limits)
    assert done.ref == "easy/v1"
    assert (tmp_path / "p" / "easy" / "v1.yaml").is_file()
    assert [each.profile for each in open_registry(study.results.root).promotions("easy")] == [
        "easy"
    ]
    assert "not approved yet" in done._repr_html_()


def test_folds_are_chosen_and_stitched(frame, tmp_path):
    split = {"kind": "walk_forward", "train": 300, "test": 150}
    study = Sweep(frame, "sma", SPACE, split=split, root=tmp_path / "r", executor="inline").run()
    walk = study.walk_forward()
    assert len(walk.frame()) == len(walk.symbols[0]["folds"]) >= 2
    assert walk.stitched["bars"] >= 300
    assert "<table" in walk._repr_html_()
    with pytest.raises(ValueError, match='split="walk_forward"'):
        Sweep(frame, "sma", SPACE, root=tmp_path / "r", executor="inline").run().walk_forward()


@njit
def above(close, length=20, level=LEVEL):
    """Long above the average of the bars before."""
    codes = np.zeros(close.size, np.int8)
    for i in range(length, close.size):
        codes[i] = close[i] > close[i - length : i].mean() * (1 + level)
    return codes


def test_a_jitted_function_runs_as_its_own_loop_says_and_is_stored_with_its_source(frame, tmp_path):
    study = Sweep(frame, above, {"length": [5, 10]}, root=tmp_path / "r", executor="inline").run()
    assert set(study.frame()["params.length"]) == {5, 10, 20}
    (file,) = tmp_path.glob("cell_strategies/above_*.py")
    assert "close[i - length : i].mean()" in file.read_text()
    best = study.best()
    codes = above.py_func(frame["close"].to_numpy()[:720], best.params["length"])
    held = np.diff(np.r_[0, codes[:-1]]) == 1
    assert len(study.trades()) == held.sum()
    again = Sweep(frame, above, {"length": [5, 10]}, root=tmp_path / "r", executor="inline").run()
    assert again.id == study.id


class Params(NamedTuple):
    """Bars."""

    length: int = 10


ROWS = (Row(column, "close"), Row(sma, "close", "length"))


def signal(indicators, rows, params, out):
    """Long above its average; plain Python here."""
    close, mean = indicators[rows[0]], indicators[rows[1]]
    for i in range(out.size):
        out[i] = 1 if close[i] > mean[i] else 0


def test_a_function_of_the_contract_takes_params_and_rows_next_to_it(frame, tmp_path):
    study = Sweep(frame, signal, {"length": [5, 8]}, root=tmp_path / "r", executor="inline").run()
    assert set(study.frame()["params.length"]) == {5, 8, 10}


def test_a_panel_is_swept_symbol_by_symbol(frame, tmp_path):
    panel = {"AAA": frame, "BBB": frame * 2}
    long = pd.concat([each.assign(symbol=name) for name, each in panel.items()])
    one = Sweep(panel, "sma", {"fast": [3], "slow": [20]}, root=tmp_path / "r", executor="inline")
    two = Sweep(long, "sma", {"fast": [3], "slow": [20]}, root=tmp_path / "r", executor="inline")
    assert one.overrides == two.overrides
    assert set(one.run().frame()["symbol"]) == {"AAA", "BBB"}


def test_several_at_once_in_async_code_with_events(frame, tmp_path):
    heard = []

    async def both():
        studies = [
            Sweep(frame, "sma", {"fast": [fast], "slow": [20, 30]}, root=tmp_path / "r",
                  executor="inline", on_event=heard.append)
            for fast in (3, 5)
        ]  # fmt: skip
        return await asyncio.gather(*studies)

    first, second = asyncio.run(both())
    assert first.id != second.id
    assert {len(each.frame()) for each in (first, second)} == {3}
    assert sum(isinstance(event, Planned) for event in heard) == 2
    assert sum(isinstance(event, Finished) for event in heard) == 2


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"data": "NASDAK"}, "did you mean nasdaq"),
        ({"data": 3}, "takes bars or names"),
        ({"data": {}}, "holds no bars"),
        ({"space": {"fast": []}}, "has no value"),
        ({"space": {"fast": object()}}, "takes numbers"),
        ({"strategy": 7}, "a name, a module or a function"),
        ({"strategy": lambda close: close}, "source cannot be read"),
        ({"strategy": njit(lambda: 1)}, "source cannot be read|takes no column"),
        ({"split": 3}, "split: give a name"),
    ],
)
def test_bad_input_is_one_line_before_anything_runs(frame, tmp_path, given, message):
    asked = {"data": frame, "strategy": "sma", "space": SPACE, "root": tmp_path / "r"} | given
    with pytest.raises(ValueError, match=message) as raised:
        Sweep(**asked)
    assert "\n" not in str(raised.value)


def test_other_bars_under_a_name_that_is_kept_are_refused(frame, tmp_path):
    Sweep(frame, "sma", SPACE, root=tmp_path / "r", symbol="MINE")
    with pytest.raises(ValueError, match="give the new ones another name, symbol="):
        Sweep(frame * 1.5, "sma", SPACE, root=tmp_path / "r", symbol="MINE")
    assert Sweep("MINE", "sma", SPACE, root=tmp_path / "r", executor="inline").run().id


def test_an_unknown_setting_is_a_type_error_that_says_where_it_goes(frame):
    with pytest.raises(TypeError, match="overrides="):
        Sweep(frame, "sma", SPACE, stoploss=0.1)


def test_results_wait_for_the_end(frame, tmp_path):
    study = Sweep(frame, "sma", SPACE, root=tmp_path / "r")
    with pytest.raises(ValueError, match=r"call \.run\(\)"):
        study.frame()
    assert "python -m sweeper -m strategy=sma" in repr(study)


def test_the_command_line_reads_what_a_notebook_stored(study):
    assert Results(study.results.root).resolve("latest/best").run is not None
    words = [sys.executable, "-m", "store", "top", "sharpe", "-n", "1", "--json", "--root"]
    ended = subprocess.run([*words, str(study.results.root)], capture_output=True, text=True)
    assert study.id in ended.stdout


def test_importing_the_package_loads_nothing_heavy():
    code = (
        "import sys, sweeper, store, promote, operate, kernels.jit.cache; "
        "print(sorted({'pandas', 'ray', 'hydra', 'duckdb'} & set(sys.modules)), "
        "'Sweep' in dir(sweeper), 'judge' in dir(promote), 'read_target' in dir(operate))"
    )
    words = [sys.executable, "-c", code]
    ended = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
    assert ended.stdout == "[] True True True\n"


def test_every_public_name_is_there_and_no_other():
    import operate
    import promote
    import store
    import sweeper

    for package in (sweeper, store, promote, operate):
        assert all(getattr(package, name) is not None for name in package.__all__)

    with pytest.raises(AttributeError, match="no attribute 'nope'"):
        _ = sweeper.nope
