"""The verbs that edit, compare, ask, move and verify, as people and programs call them."""

import json

import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.files.paths import experiment_folder
from store.records import experiment as records
from store.records.history import HistoryRecord
from tests.store.counted import swept
from tests.store.made_runs import filled, finish, run_table


@pytest.fixture
def root(tmp_path):
    """An older experiment, counted, and a newer one of 40 runs."""
    swept(tmp_path / "store", [1, 2, 3])
    filled(tmp_path / "store", blocks=1, name="new", tags=["x"])
    return tmp_path / "store"


@pytest.fixture
def call(root):
    def call(*arguments, **options):
        return CliRunner().invoke(app, [*arguments, "--root", str(root)], **options)

    return call


def read(result):
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def words(result):
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def refused(result, message):
    assert result.exit_code == 2, result.output
    assert (result.stdout, result.stderr.count("\n")) == ("", 1)
    assert message in result.stderr


def test_list_with_filters(call, root):
    new, old = (one.id for one in records.every(root))
    listed = lambda *options: [one["id"] for one in read(call("list", *options, "--json"))]  # noqa: E731
    assert listed("--tag", "x") == [new]
    assert listed("--symbol", "NASDAQ", "--strategy", "sma") == [new, old]
    assert listed("--since", "2026-01-02", "--until", "2026-01-02", "--limit", "1") == [new]
    assert listed("--status", "done") == [old]
    assert new in words(call("list", "--tag", "x"))
    refused(call("list", "--status", "over"), "status: must be one of")
    assert call("list", "--since", "yesterday").exit_code == 2


def test_tag_search_and_note(call, root):
    new, old = (one.id for one in records.every(root))
    assert read(call("tag", "latest", "add", "prod", "q4-2024", "--json"))["tags"] == [
        "x", "prod", "q4-2024",
    ]  # fmt: skip
    assert "x, prod" in words(call("tag", "latest", "remove", "q4-2024"))
    call("tag", f"{old}/0", "add", "prod")
    assert [one["ref"] for one in read(call("search", "prod", "--json"))] == [new, f"{old}/0"]
    assert new in words(call("search", "prod"))
    assert words(call("search", "none")) == "Nothing is tagged none."
    options = ("--description", "what", "--hypothesis", "[red]why", "--expected-impact", "+0.2")
    assert "expected impact +0.2" in words(call("note", "latest", *options))
    found = read(call("note", "latest", "--json"))
    assert (found["description"], found["hypothesis"]) == ("what", "[red]why")
    assert "hypothesis [red]why expected impact +0.2" in words(call("show", "latest"))
    assert "tags prod" in words(call("show", f"{old}/0"))
    assert read(call("show", f"{old}/0", "--json"))["tags"] == ["prod"]
    refused(call("tag", "latest", "add", "../x"), "tag: a name is")
    refused(call("tag", "latest", "remove", "nosuch"), "has no tag 'nosuch'")
    refused(call("note", "latest", "--description", "\x1b[2J"), "cannot be printed")
    assert call("tag", "latest", "change", "x").exit_code == 2


def test_compare(call, root):
    new, old = (one.id for one in records.every(root))
    found = read(call("compare", f"{new}/1", f"{old}/1", "--json"))
    assert set(found) == {"a", "b", "context", "params", "settings", "metrics", "uplift"}
    assert set(found["uplift"]) == {"sharpe", "return", "drawdown"}
    rsi = filled(root, blocks=1, rows=3, id="exp-20270101-000000-0001", table=rsi_table)
    told = words(call("compare", f"{new}/1", f"{rsi.id}/1"))
    assert "period - " in told
    assert "slow " in told
    told = words(call("compare", new, old))
    assert "Uplift of B over A: sharpe" in told
    assert "of max DD % less is better" in told
    assert "fast" in told
    refused(call("compare", "latest", "exp-1"), "exp-1: is no experiment")


def rsi_table(*arguments):
    return run_table(*arguments, params={"fast": int, "period": int})


def test_compare_says_what_is_not_like_for_like(call, root):
    runs = read(call("top", "sharpe", "-n", "40", "--json"))
    one, other = (next(r["ref"] for r in runs if r["symbol"] == s) for s in ("NASDAQ", "SP500"))
    assert "Not like for like: the runs differ in symbol." in words(call("compare", one, other))


def test_sql(call):
    query = "select strategy, count(*) as n, max(config_hash) as h from runs group by all"
    ((row),) = read(call("sql", query, "--json"))
    assert (row["strategy"], row["n"], len(row["h"])) == ("sma", 43, 64)
    assert "sma 43" in words(call("sql", query))
    assert "3 more rows: -n shows more" in words(call("sql", "select run from runs", "-n", "40"))
    assert words(call("sql", "select run, null x from runs where run < 0")).startswith("run x")
    refused(call("sql", "copy runs to 'x.csv'"), "sql: write one SELECT")
    refused(call("sql", "select * from 'x.csv'"), "file system operations are disabled")


def test_export_delete_import_verify(call, root, tmp_path):
    new, old = (one.id for one in records.every(root))
    out = tmp_path / "out"
    for form, suffix in (("json", ".json"), ("csv", ".csv"), ("parquet", "")):
        paths = read(call("export", old, "--format", form, "--out", str(out), "--json"))
        assert paths == [str(out / (old + suffix))]
    assert words(call("export", "--tag", "x", "--out", str(out))) == str(out / f"{new}.json")
    refused(call("export", "--tag", "x", "--out", str(out)), "is there already")
    assert read(call("delete", old, "--force", "--json")) == {"deleted": old}
    assert "everything is as it was written" in words(call("verify", "latest"))
    assert read(call("import", str(out / f"{old}.json"), "--json")) == [old]
    refused(call("import", str(out / old)), "already; delete it there first")
    refused(call("import", str(out / f"{old}.csv")), "a CSV file holds no record")
    assert words(call("delete", old, "--force")) == f"Deleted {old}."
    assert words(call("import", str(out / old))) == old
    assert [one.id for one in records.every(root)] == [new, old]


def test_delete_asks(call, root):
    new, old = (one.id for one in records.every(root))
    finish(root, records.load(root, new), history=HistoryRecord(skips_runs_of=(old,), brought=1))
    kept = call("delete", old, input="n\n")
    assert f"{new} keeps copies of the runs" in kept.stderr
    nobody = call("delete", old, input="")
    for result in (kept, nobody):
        assert result.exit_code == 2
        assert f"Delete {old} and its 0 runs? [y/N]" in result.stderr
        assert result.stderr.endswith("Nothing was deleted; --force does not ask.\n")
    assert [one.id for one in records.every(root)] == [new, old]
    assert call("delete", old, input="y\n").exit_code == 0
    assert [one.id for one in records.every(root)] == [new]
    refused(call("delete", "latest/3", "--force"), "only a whole experiment can be deleted")


def test_verify_says_3_and_what_is_wrong(call, root):
    (old,) = (one for one in records.every(root) if one.name == "x")
    found = read(call("verify", old.id, "--json"))
    assert (found["experiments"], found["files"], found["rows"]) == (1, 1, 3)
    assert found["faults"] == []
    path = experiment_folder(root, old.id) / "blocks" / "000000.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    for words_of in (("verify",), ("verify", old.id)):
        found = call(*words_of, "--json")
        assert found.exit_code == 3
        assert json.loads(found.stdout)["faults"][0].startswith(f"{path}: has SHA-256")
    told = call("verify")
    assert told.exit_code == 3
    assert "43 rows, 1 ledger entries: 1 faults." in told.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("tag", "latest", "add", "x"),
        ("search", "x"),
        ("list",),
        ("note", "latest"),
        ("show", "latest"),
        ("delete", "latest", "--force"),
        ("export",),
    ],
)
def test_a_registry_that_does_not_answer_is_one_line(words, call, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATABASE_URL", "postgresql://me:secret@127.0.0.1:1/x")
    result = call(*words)
    refused(result, "registry postgresql+psycopg://me:***@127.0.0.1:1/x: does not answer")
    assert "secret" not in result.output


@pytest.mark.parametrize("name", ["../../etc", "/etc/passwd", "..", "v1/../..", "a" * 64, "x\n"])
@pytest.mark.parametrize(
    "verb",
    [("show",), ("summary",), ("errors",), ("note",), ("verify",), ("export",), ("report",),
     ("delete", "--force"), ("compare", "latest")],
    ids=lambda verb: verb[0],
)  # fmt: skip
def test_a_name_that_leads_out_of_the_store_is_refused(verb, name, call, root, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    result = call(*verb, name)
    assert result.exit_code == 2
    assert result.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_looking_does_not_make_a_registry(call, root):
    for verb in (("list",), ("show", "latest"), ("search", "x"), ("verify",), ("note", "latest")):
        assert call(*verb).exit_code == 0
    assert not (root / "registry.db").exists()
