import math
from datetime import UTC, datetime, timedelta

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from kernels import METRICS
from store.errors import UnknownReference
from store.query.results import Results
from store.runs import ranking
from store.runs.columns import metrics_of
from store.runs.compaction import compact
from store.runs.plain import run_dicts, to_json
from tests.store.made_runs import SEARCH, add_blocks, digests, filled, new_experiment, run_table

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def replaced(table, **columns):
    for name, values in columns.items():
        place = table.schema.get_field_index(name)
        column = pa.array(values, table.schema.field(name).type)
        table = table.set_column(place, table.schema.field(name), column)
    return table


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """Two experiments of other strategies; the older one is compacted."""
    root = tmp_path_factory.mktemp("store")
    old = filled(root, blocks=3, id="exp-20260102-030405-0001")
    compact(root, old.id)
    new = new_experiment(root, when=NOW + timedelta(hours=1), id="exp-20260102-040405-0002")
    tables = [
        run_table(new.id, first, 30, 9, {"period": int, "fast": float}, ["risk.stop_loss"],
                  strategy="rsi", window=window)
        for first, window in ((0, "train"), (30, "test"))
    ]  # fmt: skip
    add_blocks(root, new, tables)
    return root


def all_rows(root):
    results = Results(root)
    return [row for one in results.experiments() for row in run_dicts(results.runs(one.id))]


def test_top_is_what_sorting_everything_gives(root):
    for metric, sign in (("sharpe", -1), ("trades", -1), ("max_drawdown", 1), ("volatility", 1)):
        rows = sorted(
            all_rows(root),
            key=lambda row: (sign * row["metrics"][metric], row["strategy"], row["run"]),
        )
        found = run_dicts(Results(root).top(metric, 25))
        assert found == rows[:25]


def test_top_of_one_experiment_strategy_symbol_or_window(root):
    results = Results(root)
    rows = sorted(all_rows(root), key=lambda row: -row["metrics"]["calmar"])
    for where, wanted in [
        ({"ref": "latest"}, {"experiment_id": "exp-20260102-040405-0002"}),
        ({"ref": "exp-20260102-030405-0001/5"}, {"experiment_id": "exp-20260102-030405-0001"}),
        ({"strategy": "rsi", "symbol": "SP500"}, {"strategy": "rsi", "symbol": "SP500"}),
        ({"window": "test"}, {"window": "test"}),
        ({"symbol": "GOLD"}, {"symbol": "GOLD"}),
    ]:
        expected = [row for row in rows if all(row[k] == v for k, v in wanted.items())]
        assert run_dicts(results.top("calmar", 10, **where)) == expected[:10]


def test_parameters_of_all_experiments_are_joined(root):
    table = Results(root).top("sharpe", 100)
    assert {"params.fast", "params.slow", "params.period", "risk.stop_loss"} <= set(
        table.schema.names
    )
    assert not {"block_sum", "block_sumsq"} & set(table.schema.names)
    by_strategy = {row["strategy"]: row for row in run_dicts(table)}
    assert by_strategy["sma"]["params"].keys() == {"fast", "slow"}
    assert by_strategy["rsi"]["params"].keys() == {"period", "fast"}
    assert by_strategy["rsi"]["settings"].keys() == {"risk.stop_loss"}
    assert metrics_of(table.schema) == METRICS


def test_nan_null_and_pruned_runs_are_not_ranked_and_infinity_comes_last(tmp_path):
    experiment = new_experiment(tmp_path)
    values = [1.0, math.nan, None, math.inf, 5.0, -math.inf]
    status = ["done"] * 4 + ["pruned", "done"]
    table = replaced(run_table(experiment.id, n=6), calmar=values, status=status)
    add_blocks(tmp_path, experiment, [table])
    best, *others = Results(tmp_path).top("calmar", 10)["calmar"].to_pylist()
    assert (best, set(others)) == (1.0, {math.inf, -math.inf})  # those by their total return


@pytest.mark.parametrize("n", [1, 3, 5, 6, 50])
def test_ties_go_to_the_newer_experiment_then_the_lower_run(n, tmp_path):
    for hours in (0, 1):
        experiment = new_experiment(tmp_path, when=NOW + timedelta(hours=hours))
        runs = [7, 2, 9, 4] if hours else [1, 3]
        add_blocks(tmp_path, experiment, [replaced(
            run_table(experiment.id, n=len(runs)), run=runs, calmar=[0.5] * len(runs),
        )])  # fmt: skip
    assert Results(tmp_path).top("calmar", n)["run"].to_pylist() == [2, 4, 7, 9, 1, 3][:n]


def test_unknown_metrics_name_near_ones(root, tmp_path):
    with pytest.raises(
        UnknownReference, match=r"sharp: is no metric .* did you mean sharpe or sharpe_daily\?"
    ):
        Results(root).top("sharp")
    with pytest.raises(UnknownReference, match=r"zzzz: is no metric .* there are total_return, "):
        Results(root).top("zzzz")
    with pytest.raises(UnknownReference, match="strategy: is no metric"):
        Results(root).top("strategy")
    with pytest.raises(UnknownReference, match="there are no runs yet; run a sweep"):
        Results(tmp_path).top("sharpe")
    with pytest.raises(ValueError, match="n: must be 1 or more, got 0"):
        Results(root).top("sharpe", 0)


def test_every_metric_ranks(root):
    for metric in METRICS:
        assert len(Results(root).top(metric, 3)) == 3


def test_runs_of_an_experiment_a_run_or_some_columns(root):
    results = Results(root)
    table = results.runs("latest")
    assert table.schema.field("block_sum").type == pa.list_(pa.float32(), 64)
    assert table["run"].to_pylist() == list(range(60)), "blocks in their order"
    sums = np.stack(table["block_sum"].to_numpy())
    assert sums.shape == (60, 64)
    assert sums.dtype == np.float32
    one = results.runs("latest/42")
    assert one.to_pylist() == table.slice(42, 1).to_pylist()
    some = results.runs("latest", columns=["sharpe", "run"])
    assert some.equals(table.select(["sharpe", "run"]))
    with pytest.raises(UnknownReference, match=r"sharpee: is no column .* did you mean sharpe"):
        results.runs("latest", columns=["sharpee"])


def test_take_rows_keeps_the_order_asked_for(root):
    results = Results(root)
    dataset = results._shelf.all_runs(results.experiments())
    every = dataset.to_table()
    rows = np.random.default_rng(3).permutation(180)[:50]
    found = ranking.take_rows(dataset, rows, ["run", "symbol"])
    assert found.equals(every.select(["run", "symbol"]).take(rows))
    assert ranking.take_rows(dataset, rows[:0], ["run"]).num_rows == 0


def test_a_new_block_is_seen_by_results_that_are_open(tmp_path):
    experiment = filled(tmp_path, blocks=1)
    results = Results(tmp_path)
    assert results.runs().num_rows == 40
    add_blocks(tmp_path, experiment, [run_table(experiment.id, 40)], first=1)
    assert results.runs().num_rows == 80
    assert results.sql("select count(*) from runs").fetchall() == [(80,)]


def test_what_the_record_does_not_list_is_not_read(tmp_path):
    experiment = filled(tmp_path, blocks=1)
    folder = tmp_path / "v1" / experiment.id / "blocks"
    (folder / "000009.parquet").write_bytes((folder / "000000.parquet").read_bytes())
    assert Results(tmp_path).runs().num_rows == 40


def test_show_a_run_and_an_experiment(root):
    results = Results(root)
    run = results.show("latest/42")
    row = results.runs("latest/42").to_pylist()[0]
    assert run["ref"] == "exp-20260102-040405-0002/42"
    assert run["config_hash"] == row["config_hash"].hex() == digests(30, 9, 30)[12].hex()
    assert run["start"] == "1999-01-04T00:00:00+00:00"
    assert run["params"] == {"period": row["params.period"], "fast": row["params.fast"]}
    assert run["metrics"] == {name: row[name] for name in METRICS}
    assert results.show(run["config_hash"][:8]) == run
    assert results.show("exp-20260102-030405-0001")["counts"]["done"] == 120


def test_summary_agrees_with_the_rows(root):
    found = Results(root).summary("exp-20260102-030405-0001")
    rows = [row for row in all_rows(root) if row["strategy"] == "sma"]
    sharpe = [row["metrics"]["sharpe"] for row in rows]
    assert found["metrics"]["sharpe"] == pytest.approx(
        {
            "runs": 120,
            **dict(zip(("min", "q25", "median", "q75", "max"),
                       np.quantile(sharpe, [0, 0.25, 0.5, 0.75, 1]), strict=True)),
        }
    )  # fmt: skip
    assert found["best"]["metrics"]["sharpe"] == max(sharpe)
    assert [row["run"] for row in found["baseline"]] == [0]
    for group in found["groups"]:
        mine = [row["metrics"] for row in rows if row["symbol"] == group["symbol"]]
        assert group["runs"] == len(mine)
        assert group["best"] == max(one["sharpe"] for one in mine)
        assert group["median"] == pytest.approx(np.median([one["sharpe"] for one in mine]))
        profits = [one["total_return"] > 0 for one in mine]
        assert group["profitable"] == pytest.approx(np.mean(profits))


def test_summary_without_numbers(tmp_path):
    experiment = new_experiment(tmp_path)
    empty = Results(tmp_path).summary()
    assert (empty["best"], empty["baseline"], empty["metrics"], empty["groups"]) == (
        None, [], {}, [],
    )  # fmt: skip
    nothing = replaced(run_table(experiment.id, n=2), sharpe=[math.nan] * 2, calmar=[math.inf] * 2)
    add_blocks(tmp_path, experiment, [nothing])
    found = Results(tmp_path).summary()
    assert found["metrics"]["sharpe"] == dict.fromkeys(("min", "q25", "median", "q75", "max")) | {
        "runs": 0
    }
    assert found["metrics"]["calmar"]["runs"] == 0
    assert found["best"] is None
    assert {group["best"] for group in found["groups"]} == {None}


def test_summary_of_a_search_for_the_lowest(tmp_path):
    search = {**SEARCH, "metric": "max_drawdown", "mode": "min"}
    filled(tmp_path, blocks=1, search=search)
    found = Results(tmp_path).summary()
    assert found["best"]["metrics"]["max_drawdown"] == found["metrics"]["max_drawdown"]["min"]
    assert (
        min(group["best"] for group in found["groups"]) == found["metrics"]["max_drawdown"]["min"]
    )


def test_sql_over_all_experiments(root):
    results = Results(root)
    rows = all_rows(root)
    found = results.sql(
        'select strategy, count(*), max(sharpe), count("params.period") from runs '
        "join experiments on id = experiment_id where done > 0 group by all order by strategy"
    )
    assert found.fetchall() == [
        (name, len(mine), max(row["metrics"]["sharpe"] for row in mine), periods)
        for name, periods in (("rsi", 60), ("sma", 0))
        if (mine := [row for row in rows if row["strategy"] == name])
    ]
    hashes = results.sql("select lower(hex(config_hash)) from runs where run = 42 order by 1")
    expected = sorted(row["config_hash"] for row in rows if row["run"] == 42)
    assert [text for (text,) in hashes.fetchall()] == expected
    facts = results.sql(
        "select name, done, metric, config->>'$.strategy.name', tags from experiments limit 1"
    )
    assert facts.fetchall() == [("demo", 120, "sharpe", "sma", [])]
    year = results.sql('select distinct cast("start" as varchar) from runs').fetchall()
    assert year == [("1999-01-04 00:00:00+00",)], "in UTC, wherever the reader is"
    with pytest.raises(duckdb.Error, match="nosuch"):
        results.sql("select * from nosuch")


def test_sql_of_an_empty_store(tmp_path):
    results = Results(tmp_path / "none")
    assert results.sql("select count(*) from runs").fetchall() == [(0,)]
    assert results.sql("select count(*) from experiments").fetchall() == [(0,)]


def test_only_the_columns_that_are_needed_are_read(root, tmp_path):
    """Block sums are destroyed: whoever does not ask for them does not notice."""
    experiment = filled(tmp_path, blocks=1)
    path = tmp_path / "v1" / experiment.id / "blocks" / "000000.parquet"
    place = pa.parquet.read_metadata(path).row_group(0)
    columns = [place.column(number) for number in range(place.num_columns)]
    sums = next(one for one in columns if one.path_in_schema.startswith("block_sum."))
    content = bytearray(path.read_bytes())
    content[sums.data_page_offset : sums.data_page_offset + sums.total_compressed_size] = bytes(
        sums.total_compressed_size
    )
    path.write_bytes(content)
    results = Results(tmp_path)
    assert len(results.top("sharpe", 5)) == 5
    assert results.sql("select avg(sharpe) from runs").fetchall()[0][0] > 0
    assert results.summary()["metrics"]["sharpe"]["runs"] == 40


def test_json_is_strict():
    text = to_json({"a": [math.nan, math.inf, -math.inf, 0.1], 3: {"x": (1, "é")}})
    assert text == (
        '{\n  "a": [\n    null,\n    "inf",\n    "-inf",\n    0.1\n  ],\n'
        '  "3": {\n    "x": [\n      1,\n      "\\u00e9"\n    ]\n  }\n}'
    )
