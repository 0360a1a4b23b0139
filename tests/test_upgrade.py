"""Store, profiles and audit log as commit bf4c177 wrote them, opened by the code of today."""

import json
import tarfile
from pathlib import Path

import pytest
from typer.testing import CliRunner

from promote.cli.app import app as promote
from store.cli.app import app as store
from store.records import experiment as records

FIXTURE = Path(__file__).parent / "fixtures" / "store_bf4c177.tar.gz"
SWEPT, FOLDED = "exp-20261130-113907-a894", "exp-20261130-113909-7504"


@pytest.fixture(scope="module")
def old(tmp_path_factory):
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(folder, filter="data")
    return folder


def call(app, *words, code=0):
    ended = CliRunner().invoke(app, [*map(str, words)])
    assert ended.exit_code == code, ended.output
    return ended.output


def test_it_opens_verifies_and_is_shown(old):
    root = ("--root", old / "results")
    listed = json.loads(call(store, "list", *root, "--json"))
    assert {one["id"] for one in listed} == {SWEPT, FOLDED}
    assert "2 experiments, 2 files, 489 rows" in call(store, "verify", *root)
    assert "counts every run in the store" in call(store, "ledger", "--verify", *root)
    assert call(store, "show", f"{SWEPT}/best", *root)
    shown = json.loads(call(store, "show", FOLDED, *root, "--json"))
    assert len(shown["walk_forward"][0]["folds"]) == 12


def test_its_records_hold_what_they_held(old):
    swept, folded = (records.load(old / "results", name) for name in (SWEPT, FOLDED))
    (group,) = swept.groups
    assert (group.strategy, group.points, group.periods_per_year) == ("sma", 201, 252.0)
    assert (group.holdout, group.development_bars) == (None, None)
    assert len(folded.groups[0].windows) == 24
    assert swept.files["runs.parquet"].blocks == ((0, 0),)
    assert (swept.history.tried, swept.history.is_exact, swept.history.origins) == (0, True, ())
    text = (old / "results" / "v1" / SWEPT / "experiment.json").read_text()
    written = json.loads(records.to_text(swept))
    del written["digest"]
    assert written == json.loads(text) | {"luck": {}, "declared": {}}


def test_it_is_judged(old, tmp_path):
    preset = tmp_path / "two.yaml"
    preset.write_text("checks:\n  min_sharpe: 0.5\n  max_drawdown: 0.2\n")
    answer = call(
        promote, "check", f"{SWEPT}/best", "--gate", preset, "--root", old / "results", "--json",
        code=3,
    )  # fmt: skip
    verdicts = {verdict["check"]: verdict["passed"] for verdict in json.loads(answer)["verdicts"]}
    assert verdicts == {"min_sharpe": True, "max_drawdown": False}


def test_its_profile_and_audit_log_are_shown(old):
    profiles = ("--profiles", old / "profiles")
    shown = json.loads(call(promote, "show", "scalp/v1", *profiles, "--json"))
    assert shown["experiment"]["id"] == SWEPT
    assert [entry["kind"] for entry in json.loads(call(promote, "log", *profiles, "--json"))] == [
        "promoted",
        "approved",
    ]
    assert "scalp/v1" in call(promote, "list", *profiles)
