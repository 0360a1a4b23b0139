import csv
import io

import pyarrow as pa
import pytest
from rich.console import Console

from store.errors import UnknownReference
from store.query.results import Results
from store.query.sql import plain, query
from store.runs.compaction import compact
from store.runs.plain import run_dicts
from store.runs.swept_words import differing, words_of
from store.terminal.leaderboard import leaderboard
from store.transfer.export import export
from tests.store.made_runs import filled, group_of

WINDOWS = [{"role": "dev", "start": 0, "stop": 4025}]


def printed(page, width):
    console = Console(width=width, record=True, file=io.StringIO())
    console.print(page)
    return console.export_text()


def group(first_run, overrides=(), **changes):
    settings = {"direction": "long", "fill": "next_open", "initial_capital": 1000.0}
    facts = {"strategy": "sma", "symbol": "NASDAQ", "direction": "long", "windows": WINDOWS}
    given = {"points": 20, "runs": 20, "first_run": first_run, "overrides": list(overrides)}
    fixed = {"costs.commission": 0.0005, "risk.stop_loss": None, "params.fast": 5.0}
    return {**facts, **given, "fixed": fixed, "settings": {**settings, **changes}}


SWEPT = [
    group(0, ["costs=cheap"]),
    group(20, ["costs=dear"]),
    group(40, ["costs=cheap"], fill="same_close"),
    group(60, ["costs=dear"], fill="same_close", initial_capital=1e9),
]


@pytest.fixture
def swept(tmp_path):
    """80 runs of four groups, and an older experiment that says nothing of its settings."""
    filled(tmp_path, blocks=1, id="exp-20251231-000000-0001", created="2025-12-31T00:00:00+00:00")
    experiment = filled(tmp_path, blocks=2, id="exp-20260102-000000-0002", groups=SWEPT)
    compact(tmp_path, experiment.id)
    return Results(tmp_path)


def test_every_run_says_the_words_of_its_group(swept):
    table = swept.runs("exp-20260102-000000-0002", ["run", "fill", "costs", "initial_capital"])
    for row in table.to_pylist():
        of = SWEPT[row["run"] // 20]
        words = of["settings"] | {"costs": of["overrides"][0].removeprefix("costs=")}
        assert row == {"run": row["run"]} | {n: words[n] for n in table.column_names[1:]}


def test_all_columns_have_the_words_last_and_a_run_by_itself_too(swept):
    names = swept.runs("exp-20260102-000000-0002").column_names
    assert names[-3:] == ["fill", "initial_capital", "costs"]
    assert swept.runs("exp-20260102-000000-0002/45")["fill"].to_pylist() == ["same_close"]


def test_sql_asks_for_words(swept):
    rows = plain(query(swept, "select fill, costs, count(*) as n from runs group by all"))
    assert {(row["fill"], row["costs"]): row["n"] for row in rows} == {
        ("next_open", "cheap"): 20,
        ("next_open", "dear"): 20,
        ("same_close", "cheap"): 20,
        ("same_close", "dear"): 20,
        (None, None): 40,
    }
    found = swept.sql("select run from runs where initial_capital > 1e8 order by run")
    assert [run for (run,) in found.fetchall()] == list(range(60, 80))


def test_a_word_with_quotes_stays_a_word(tmp_path):
    filled(tmp_path, blocks=1, groups=[group(0, ["data.note=it's"]), group(20, ["data.note=b"])])
    rows = plain(query(Results(tmp_path), 'select distinct "data.note" as n from runs order by n'))
    assert [row["n"] for row in rows] == ["b", "it's"]


def test_rows_carry_only_the_words_that_differ(swept):
    of = {row["run"]: row for row in swept.standings("exp-20260102-000000-0002", 80)}
    assert of[3]["words"] == {"fill": "next_open", "initial_capital": 1000.0, "costs": "cheap"}
    assert of[63]["words"] == {"fill": "same_close", "initial_capital": 1e9, "costs": "dear"}
    assert "words" not in swept.standings("exp-20251231-000000-0001", 1)[0]
    assert "words" in run_dicts(swept.top("sharpe", 80))[0]


def test_the_leaderboard_names_them_in_full(swept):
    text = printed(leaderboard(swept, "exp-20260102-000000-0002", 80), width=200)
    assert "initial_capital=1000000000" in text
    assert "fill=same_close" in text
    assert "costs=dear" in text


def test_a_swept_timeframe_is_among_the_words_of_a_row(tmp_path):
    groups = [group(0) | {"data": {"timeframe": "1d"}}, group(20) | {"data": {"timeframe": "4h"}}]
    experiment = filled(tmp_path, blocks=1, groups=groups)
    assert differing([experiment]) == ("timeframe",)
    row = Results(tmp_path).standings(n=1)[0]
    assert row["words"] == {"timeframe": row["timeframe"]}


def test_a_swept_direction_has_its_column_though_all_shown_are_of_one(tmp_path):
    experiment = filled(tmp_path, blocks=1, groups=[group(0), group(20) | {"direction": "both"}])
    assert differing([experiment]) == ("direction",)
    text = printed(leaderboard(Results(tmp_path), n=1), width=120)
    assert " side " in text
    assert "direction=" not in text


def test_data_is_no_word_where_the_symbol_tells_it(tmp_path):
    groups = [group(0, ["data=nasdaq"]), group(20, ["data=sp500"]) | {"symbol": "SP500"}]
    assert differing([filled(tmp_path, blocks=1, groups=groups)]) == ()


def test_show_names_all_settings_of_a_run(swept):
    settings = swept.show("exp-20260102-000000-0002/63")["settings"]
    assert settings["fill"] == "same_close"
    assert settings["initial_capital"] == 1e9
    assert settings["costs.commission"] == 0.0005
    assert settings["costs"] == "dear"
    assert settings["risk.stop_loss"] != settings["risk.stop_loss"]  # NaN: off


def test_a_csv_export_has_a_column_for_each_word(swept, tmp_path):
    experiment = swept.resolve("exp-20260102-000000-0002").experiment
    (path,) = export(tmp_path, [experiment], tmp_path / "out", "csv")
    with path.open() as file:
        rows = list(csv.DictReader(file))
    assert {row["fill"] for row in rows if int(row["run"]) >= 40} == {"same_close"}


def test_an_unknown_column_names_the_near_word(swept):
    with pytest.raises(UnknownReference, match=r"filling: is no column of these runs; .*fill"):
        swept.runs("exp-20260102-000000-0002", ["filling"])


def test_numbers_are_numbers_and_texts_are_texts():
    words = words_of(group_of(overrides=["+risk_free=0.02", "split=a", "strategy=sma"]))
    assert words == {"risk_free": 0.02, "split": "a"}
    assert pa.types.is_floating(pa.array([words["risk_free"]]).type)
