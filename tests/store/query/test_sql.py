"""SQL over the store: what it answers, and what it may not do."""

import json

import pytest

from store.errors import BadQuery, DamagedFile
from store.files.paths import experiment_folder
from store.ledger import ledger
from store.query.results import Results
from store.query.sql import plain, query
from store.records.experiment import save
from store.runs.blocks import write_block
from store.runs.manifest import with_files
from store.runs.plain import to_json
from tests.store.counted import swept
from tests.store.made_runs import error_table, filled


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    root = tmp_path_factory.mktemp("store")
    experiment = filled(root, blocks=1)
    errors = experiment_folder(root, experiment.id) / "errors"
    block = write_block(errors, 0, error_table(experiment.id, 7))
    save(root, with_files(experiment, [block]))
    swept(root, [1, 2, 3])
    return Results(root)


def ask(results, text):
    return plain(query(results, text))


def test_all_four_views_answer(results):
    assert ask(results, "select count(*) n from runs") == [{"n": 43}]
    assert ask(results, "select sum(total) n from ledger") == [{"n": 3}]
    assert ask(results, "select run, error from errors order by run limit 1;") == [
        {"run": 7, "error": "x"}
    ]
    names = ask(results, "select name, tags from experiments order by created")
    assert names == [{"name": "x", "tags": []}, {"name": "demo", "tags": []}]
    assert ledger.count(results.root, "NASDAQ", "ab" * 32, "sma") == 3


def test_every_kind_of_value_becomes_json(results):
    found = ask(
        results,
        "select config_hash, \"end\", 1::hugeint big, 1.5::decimal(4,2) exact, date '2026-01-02' d,"
        " interval 1 hour i, {'a': 'nan'::double} s, uuid() u, null x, block_sum[1:2] b,"
        " map {'k': 1} m, time '01:02:03' t from runs order by run limit 1",
    )
    told = json.loads(to_json(found))[0]
    assert len(told["config_hash"]) == 64
    assert told["end"] == "2014-12-31T00:00:00+00:00"
    assert (told["big"], told["exact"], told["d"], told["x"]) == (1, 1.5, "2026-01-02", None)
    assert (told["s"], told["t"], len(told["b"])) == ({"a": None}, "01:02:03", 2)
    assert (told["i"], told["m"]) == ([0, 0, 3_600_000_000_000], [["k", 1]])
    assert len(told["u"]) == 36


@pytest.mark.parametrize(
    "text",
    [
        "select * from read_csv('{secret}')",
        "select * from '{secret}'",
        "select * from read_text('{secret}')",
        "select * from read_blob('{secret}')",
        "select * from read_parquet('{root}/v1/*/blocks/*.parquet')",
        "select * from glob('{root}/*')",
        "select * from sniff_csv('{secret}')",
        "select * from query('select * from read_text(''{secret}'')')",
        "with x as (from read_text('{secret}')) select * from x",
        "copy runs to '{made}'",
        "copy (select 1) to '{made}'",
        "export database '{made}'",
        "import database '{root}'",
        "attach '{made}'",
        "attach ':memory:' as other",
        "install httpfs",
        "load '{secret}'",
        "set enable_external_access = true",
        "reset enable_external_access",
        "set lock_configuration = false",
        "set temp_directory = '{root}'",
        "pragma enable_profiling = 'json'",
        "create table x as select 1",
        "create macro f() as table from read_text('{secret}')",
        "drop view runs",
        "insert into runs select * from runs",
        "delete from runs",
        "update runs set sharpe = 9",
        "select 1; copy runs to '{made}'",
        "call enable_logging(storage = 'file')",
        "prepare x as select 1",
        "begin",
        "",
        "   ",
        "select * from secret_frame",
        "select",
        "nonsense",
        "select nosuch from runs",
        "select cast('x' as int)",
        "select * from range(10) t(i) where (select i from range(2) u(i)) = 1",
    ],
)
def test_it_reads_the_views_and_nothing_else(text, results, tmp_path):
    secret_frame = error_table("x")  # DuckDB would find it by its name
    assert len(secret_frame) == 2
    secret, made = tmp_path / "secret.csv", tmp_path / "made"
    secret.write_text("password\nhunter2\n")
    before = sorted(results.root.rglob("*"))
    with pytest.raises(BadQuery, match=r"^sql: \w") as refused:
        query(results, text.format(secret=secret, made=made, root=results.root))
    assert "\n" not in str(refused.value)
    assert "hunter2" not in str(refused.value)
    assert sorted(tmp_path.iterdir()) == [secret]
    assert sorted(results.root.rglob("*")) == before


def test_a_damaged_file_is_named(tmp_path):
    experiment = filled(tmp_path, blocks=1)
    results = Results(tmp_path)
    assert ask(results, "select count(*) n from runs") == [{"n": 40}]
    path = experiment_folder(tmp_path, experiment.id) / "blocks" / "000000.parquet"
    content = bytearray(path.read_bytes())
    content[100:20_000] = bytes(19_900)
    path.write_bytes(content)
    with pytest.raises(DamagedFile, match=str(path)):
        query(results, "select * from runs")
