import json
import math
import os
import subprocess
import sys

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from kernels import METRICS
from store.cli.app import app
from store.files.paths import experiment_folder
from store.query.results import Results
from store.records.experiment import every, save
from store.runs.blocks import write_block
from store.runs.compaction import compact
from store.runs.manifest import with_files
from tests.store.made_runs import add_blocks, error_table, filled, new_experiment, run_table

OLD, NEW = "exp-20260102-030405-0001", "exp-20260102-030405-0002"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    root = tmp_path_factory.mktemp("store")
    filled(root, blocks=2, id=OLD, name="demo", tags=["x"])
    compact(root, OLD)
    experiment = new_experiment(root, id=NEW, created="2026-01-03T00:00:00.000000+00:00")
    table = run_table(NEW, n=20, params={"period": int}, strategy="rsi")
    win_rate = table["win_rate"].to_pylist()
    win_rate[3] = math.nan
    place = table.schema.get_field_index("win_rate")
    table = table.set_column(place, table.schema.field(place), pa.array(win_rate))
    calmar = pa.array([math.inf, *table["calmar"].to_pylist()[1:]])
    place = table.schema.get_field_index("calmar")
    add_blocks(root, experiment, [table.set_column(place, table.schema.field(place), calmar)])
    return root


@pytest.fixture
def call(root):
    def call(*arguments, root=root):
        return CliRunner().invoke(app, [*arguments, "--root", str(root)])

    return call


def read(result):
    def refuse(word):
        raise AssertionError(f"{word} is no JSON")

    assert result.exit_code == 0, result.output
    return json.loads(result.stdout, parse_constant=refuse)


IDENTITY = {
    "ref": str, "experiment_id": str, "run": int, "config_hash": str, "params_hash": str,
    "strategy": str, "symbol": str, "timeframe": str, "direction": str, "window": str,
    "start": str, "end": str, "status": str, "baseline": bool, "look_ahead": bool, "params": dict,
    "settings": dict, "metrics": dict,
}  # fmt: skip


def check_run(run):
    """The JSON form of a run."""
    assert {name: type(value) for name, value in run.items()} == IDENTITY
    assert tuple(run["metrics"]) == METRICS
    assert len(run["config_hash"]) == len(run["params_hash"]) == 64
    assert run["ref"] == f"{run['experiment_id']}/{run['run']}"


def test_top_as_json(call, root):
    runs = read(call("top", "calmar", "-n", "70", "--json"))
    assert len(runs) == 70
    for run in runs:
        check_run(run)
    ranked = read(call("top", "calmar", "-n", "500", "--json"))
    infinite = [run["ref"] for run in ranked if run["metrics"]["calmar"] == "inf"]
    assert infinite == [f"{NEW}/0"]
    assert ranked[-1]["ref"] == f"{NEW}/0", "an infinite metric comes after every finite one"
    assert [run["run"] for run in runs if run["metrics"]["win_rate"] is None] in ([3], [])
    assert read(call("show", f"{NEW}/3", "--json"))["metrics"]["win_rate"] is None
    expected = Results(root).top("sharpe", 4, OLD, symbol="SP500", strategy="sma")
    found = read(call("top", "sharpe", "-n4", "--experiment", OLD, "--symbol", "SP500",
                      "--strategy", "sma", "--window", "dev", "--json"))  # fmt: skip
    assert [run["run"] for run in found] == expected["run"].to_pylist()
    assert read(call("top", "sharpe", "--strategy", "none", "--json")) == []


@pytest.mark.parametrize("metric", METRICS)
def test_top_takes_every_metric(metric, call):
    result = call("top", metric, "-n", "2")
    assert result.exit_code == 0
    assert len([line for line in result.stdout.splitlines() if line.startswith(("1 ", "2 "))]) == 2


def test_list(call):
    found = read(call("list", "--json"))
    assert [one["id"] for one in found] == [NEW, OLD]
    assert found[1]["files"]["runs.parquet"]["rows"] == 80
    text = call("list").stdout
    assert text.index(NEW) < text.index(OLD)


def test_summary(call):
    found = read(call("summary", OLD, "--json"))
    assert set(found) == {
        "experiment", "name", "status", "created", "seconds", "counts", "metric", "noise_sharpe",
        "luck", "best", "baseline", "suggestion", "metrics", "groups",
    }  # fmt: skip
    check_run(found["best"])
    assert tuple(found["metrics"]) == METRICS
    assert set(found["metrics"]["sharpe"]) == {"runs", "min", "q25", "median", "q75", "max"}
    assert {group["symbol"] for group in found["groups"]} == {"NASDAQ", "SP500"}
    text = " ".join(call("summary").stdout.split())
    assert NEW in text
    assert "is not a discovery" in text


def test_show_an_experiment(call):
    found = read(call("show", OLD, "--json"))
    assert found["config"]["costs"]["commission"] == 0.0005
    text = call("show", OLD).stdout
    for word in (
        OLD,
        "demo",
        "120 planned",
        "strategy.name",
        "0.0005",
        "runs.parquet",
        "bars=4025",
    ):
        assert word in text


def test_show_a_run(call):
    best = read(call("show", f"{OLD}/best", "--json"))
    check_run(best)
    assert read(call("top", "sharpe", "-n", "1", "--experiment", OLD, "--json")) == [best]
    assert read(call("show", best["config_hash"][:8], "--json")) == best
    text = call("show", best["config_hash"]).stdout
    assert best["config_hash"] in text
    assert f"fast={best['params']['fast']} slow={best['params']['slow']}" in text
    for name in ("return %", "CAGR %", "max DD %", "turnover x/year", "kurtosis"):
        assert name in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["top", "sharp"],
            "sharp: is no metric of these runs; did you mean sharpe or sharpe_daily?",
        ),
        (["top", "sharpe", "--experiment", "exp-1"], "exp-1: is no experiment"),
        (["show", "../x"], "REF: a name is"),
        (["show", "latest/99"], f"{NEW}/99: there is no such run; it has 0 to 19"),
        (["summary", "aaaaaaaaaa"], "aaaaaaaaaa: no config hash starts so"),
    ],
)
def test_bad_input_is_one_line_on_stderr_and_exit_code_2(arguments, message, call):
    result = call(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith(message)
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("arguments", [["top"], ["top", "sharpe", "-n", "0"], ["nosuch"], []])
def test_bad_usage_is_exit_code_2(arguments):
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_an_empty_store(call, tmp_path):
    assert read(call("list", "--json", root=tmp_path)) == []
    assert call("top", "sharpe", root=tmp_path).stderr.endswith("no runs yet; run a sweep\n")
    assert call("summary", root=tmp_path).exit_code == 2


def test_a_damaged_record_is_one_line(call, tmp_path):
    experiment = filled(tmp_path, blocks=1)
    (tmp_path / "v1" / experiment.id / "experiment.json").write_text("{")
    for verb in (["list"], ["top", "sharpe"], ["summary"], ["show", "latest"]):
        result = call(*verb, root=tmp_path)
        assert result.exit_code == 2
        assert result.stderr.count("\n") == 1
        assert "experiment.json: is not JSON" in result.stderr


def test_as_a_process_with_the_root_from_the_environment(root):
    start = [sys.executable, "-m", "store"]
    environment = {**os.environ, "SWEEPER_ROOT": str(root), "COLUMNS": "80"}
    options = {"env": environment, "capture_output": True, "text": True, "check": False}
    shown = subprocess.run([*start, "top", "sharpe", "-n", "3"], **options)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "slow=" in shown.stdout
    refused = subprocess.run([*start, "top", "sharp"], **options)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert (
        refused.stderr
        == "sharp: is no metric of these runs; did you mean sharpe or sharpe_daily?\n"
    )


HELP = """
import sys
from typer.testing import CliRunner
from store.cli.app import app
assert "latest/best" in CliRunner().invoke(app, ["--help"]).output
assert CliRunner().invoke(app, ["top", "--help"]).exit_code == 0
sys.stdout.write(" ".join(sys.modules))
"""


def test_help_imports_nothing_heavy():
    told = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    heavy = {"pandas", "numpy", "pyarrow", "duckdb", "numba", "ray", "hydra", "kernels"}
    assert heavy.isdisjoint(told.stdout.split())


LOOK = """
import sys
from store.query.results import Results
Results(sys.argv[1]).top("sharpe", 3)
sys.stdout.write(" ".join(sys.modules))
"""


def test_looking_at_results_does_not_import_the_kernels(root):
    start = [sys.executable, "-c", LOOK, str(root)]
    told = subprocess.run(start, capture_output=True, text=True, check=True)
    assert {"kernels", "numba", "ray", "hydra"}.isdisjoint(told.stdout.split())


def test_errors_are_listed_and_told_in_full_as_json(tmp_path, call):
    assert call("errors", root=filled_root(tmp_path)).stdout.strip() == "No run failed."
    (experiment,) = every(tmp_path)
    block = write_block(
        experiment_folder(tmp_path, experiment.id) / "errors", 0, error_table(experiment.id, 7)
    )
    save(tmp_path, with_files(experiment, [block]))
    text = " ".join(call("errors", "-n", "1", root=tmp_path).stdout.split())
    assert f"{experiment.id}/7" in text
    assert "1 more" in text
    rows = read(call("errors", "--json", root=tmp_path))
    assert [(row["run"], row["traceback"]) for row in rows] == [
        (7, "Traceback ..."),
        (8, "Traceback ..."),
    ]


def filled_root(root):
    filled(root, blocks=1, rows=3)
    return root
