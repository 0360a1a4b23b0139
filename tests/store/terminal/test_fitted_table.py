import dataclasses
import io
from types import SimpleNamespace

import pytest
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from store.cli.app import app
from store.query.compare import compare
from store.query.results import Results
from store.records.group import WindowRecord
from store.runs.plain import run_dicts
from store.terminal.compare import compare_page
from store.terminal.experiment_listing import experiments_listing
from store.terminal.fitted_table import Column, Facts, FittedTable, numbers, texts
from store.terminal.ingested import kept_page
from store.terminal.leaderboard import RunTable, leaderboard
from store.terminal.tables import (
    answer_table,
    errors_table,
    experiment_page,
    ledger_table,
    run_page,
    summary_tables,
    words_table,
)
from store.terminal.window_tables import windows_tables
from tests.store.made_runs import add_blocks, new_experiment, run_table

WIDTHS = (80, 120)
ID, OTHER = "exp-20261130-105812-abcd", "exp-20261130-105812-0123"
STRATEGIES = ("a_strategy_with_a_very_long_name", "sma")
SYMBOLS = ("BTCUSDT-PERP.BINANCE", "NASDAQ")
PARAMS = dict.fromkeys(("fast_average", "slow_average", "entry", "exit", "smoothing"), int)
BIG = 999_999_999_999


def printed(page, width):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(page)
    return console.export_text()


def assert_fits(page, *whole):
    """No line above the width, nothing cut, and each text in one piece."""
    for width in WIDTHS:
        text = printed(page, width)
        assert "…" not in text
        assert max(map(cell_len, text.splitlines())) <= width, text
        for piece in whole:
            assert piece in text, (width, piece, text)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Two experiments of long names, several symbols, large numbers and five parameters."""
    root = tmp_path_factory.mktemp("large")
    for number, name in enumerate((ID, OTHER)):
        groups = [group(place, number) for place in range(4)]
        data = {symbol: {"source": "csv", "bars": 10**9} for symbol in SYMBOLS}
        counts = {"planned": BIG, "done": BIG, "skipped": 0, "failed": 0, "pruned": 0}
        facts = {"id": name, "groups": groups, "data": data, "counts": counts, "name": "n" * 60}
        more = {"tags": ["momentum", "crypto"], "created": f"2026-11-30T10:58:1{number}+00:00"}
        experiment = new_experiment(root, **facts, **more)
        add_blocks(root, experiment, [table(name, place) for place in range(4)])
    return Results(root)


def group(place, number):
    words = {"fill": ("next_open", "same_close")[number], "initial_capital": 1e9 + place}
    who = {"strategy": STRATEGIES[place % 2], "symbol": SYMBOLS[place // 2], "direction": "long"}
    plan = {"points": 10, "runs": 10, "first_run": 10 * place, "overrides": ["costs=futures"]}
    windows = [{"role": "dev", "start": 0, "stop": 10**9}]
    return {**who, **plan, "windows": windows, "settings": {"direction": "long", **words}}


def table(name, place):
    who = {"strategy": STRATEGIES[place % 2], "symbol": SYMBOLS[place // 2]}
    made = run_table(name, 10 * place, 10, place, PARAMS, ["costs.slippage"], **who)
    for column, value in {"final_equity": 1e9, "trades": BIG, "total_return": 1e6}.items():
        where = made.schema.get_field_index(column)
        kind = made.schema.field(where)
        made = made.set_column(where, kind, [[value] * 10])
    return made


def test_the_leaderboard_and_the_best_runs(results):
    assert_fits(leaderboard(results, ID), f"{BIG:,}", "100,000,000.0", ID)
    assert_fits(RunTable(run_dicts(results.top("final_equity", 8)), "final_equity"), f"{BIG:,}")


def test_lists_of_experiments_and_their_words(results):
    experiments = results.experiments()
    assert_fits(experiments_listing(experiments, ""), ID, OTHER, f"{BIG:,}")
    rows = [{**dataclasses.asdict(one), "ref": f"{one.id}/{BIG}"} for one in experiments]
    assert_fits(words_table(rows, ""), f"{ID}/{BIG}")


def test_summary_show_and_compare(results):
    experiment = results.resolve(ID).experiment
    assert_fits(summary_tables(results.summary(ID), experiment, results.root), ID, f"{BIG:,}")
    assert_fits(experiment_page(experiment, results.show(ID), results.root), ID)
    run = results.show(f"{ID}/3")
    assert_fits(run_page(run), f"{ID}/3", "1,000,000,000", "initial_capital=1000000000", "fill=")
    page = compare_page(compare(results, f"{ID}/3", f"{OTHER}/25"))
    assert_fits(page, f"{ID}/3", f"{OTHER}/25", "1,000,000,000", "same_close")


def test_ledger_and_errors(results):
    common = {"strategy": STRATEGIES[0], "symbol": SYMBOLS[0], "time": "2026-11-30T10:58:12+00:00"}
    assert_fits(ledger_table([{**common, "fingerprint": "f" * 64, "total": BIG}]), f"{BIG:,}")
    error = {**common, "experiment_id": ID, "run": BIG, "window": "train_1", "error": "x" * 300}
    assert_fits(errors_table([error], 5), f"{ID}/{BIG}")


def test_what_is_kept_of_data():
    about = {"calendar": "24/7", "origin": {"source": "ccxt"}}
    record = SimpleNamespace(
        name=f"{SYMBOLS[0]}@15m", rows=BIG, first="2017-08-17", last="2026-11-30", about=about
    )
    assert_fits(kept_page([record], []), record.name, f"{BIG:,}", "2017-08-17", "2026-11-30")


def test_windows_and_their_bars():
    first, last = "2017-08-17T00:15:00", "2026-11-30T10:45:00"
    window = WindowRecord(role="train_1", start=0, stop=BIG, first=first, last=last)
    for page in windows_tables([(SYMBOLS[0], [window])]):
        assert_fits(page, f"{BIG:,}", "2017-08-17 00:15", "2026-11-30 10:45")


def test_an_empty_list_says_for_what_it_looked(results, monkeypatch):
    monkeypatch.setenv("SWEEPER_ROOT", str(results.root))
    for words, sentence in (
        (["--tag", "nothing"], "no experiment with the tag nothing"),
        (["--symbol", "X", "--status", "failed"], "no experiment on the symbol X with the status"),
        (["--since", "2030-01-01"], "no experiment from 2030-01-01"),
    ):
        told = CliRunner().invoke(app, ["list", *words])
        assert told.exit_code == 0
        assert told.stdout.startswith(sentence)


def test_an_answer_of_many_columns_becomes_a_list_of_each_row():
    names = [f"column_{place}" for place in range(30)]
    row = {name: 1_234_567_890 + place for place, name in enumerate(names)}
    assert_fits(answer_table(names, [row, row], 2), *(str(value) for value in row.values()))


def test_hashes_of_an_answer_stay_whole():
    row = {"hash": "0f" * 32, "run": f"{ID}/{BIG}", "error": "no such bar"}
    assert_fits(answer_table(list(row), [row], 1), *row.values())


def test_an_answer_shows_six_digits_and_whole_numbers_whole():
    page = answer_table(["a", "b", "c"], [{"a": 0.18364337579884416, "b": 1e12, "c": None}], 1)
    assert printed(page, 80).split()[-2:] == ["0.183643", "1000000000000"]


def test_columns_that_are_needed_least_go_first():
    columns = [Column("hash", "id", 2), Column("sortino", "number", 1), *numbers("sharpe")]
    page = FittedTable([*texts("name"), *columns])
    page.add_row("n", "f" * 10, "0.11", "0.22")
    assert printed(page, 40).split()[:4] == ["name", "hash", "sortino", "sharpe"]
    assert printed(page, 24).split()[:3] == ["name", "sortino", "sharpe"]
    assert printed(page, 14).split()[:2] == ["name", "sharpe"]
    assert "0.22" in printed(page, 14)


def test_headings_are_broken_before_text_is():
    page = FittedTable([*texts("params"), *numbers("profit factor %")])
    page.add_row("fast=10 slow=50", "1.23")
    lines = printed(page, 26).splitlines()
    assert lines[-1].split() == ["fast=10", "slow=50", "1.23"]
    assert lines[0].strip() == "profit"
    assert lines[1].split() == ["params", "factor", "%"]


def test_a_name_gets_half_of_the_width_at_most():
    text = printed(Facts({"k" * 100: "v" * 100}), 40)
    assert "".join(text.split()).count("k") == "".join(text.split()).count("v") == 100
    assert max(map(len, text.splitlines())) <= 40
