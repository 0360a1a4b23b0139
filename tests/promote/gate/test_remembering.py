"""A ledger that does not forget: the same bars by another name, edits, and what is taken away."""

import json
import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest

from promote.config import Conf
from promote.gate.counted import count
from promote.promotion.repair import repair
from store.errors import DamagedFile
from store.files.paths import experiment_folder, ledger_folder, registry_file
from store.ledger import ledger
from store.ledger import verify as audit
from store.maintenance.verification import verify
from store.records import experiment as records
from store.registry import open_registry
from tests.promote.swept import Swept, failures, sweep, verdicts

pytestmark = pytest.mark.usefixtures("committed")

NINE = ("params.fast=3,4,5", "params.slow=20,22,24")
"""Nine configurations beside the baseline, which they lack."""


def sweep_of(root, path, *sweeps, holdout=0.2, **data):
    """An experiment on a file under another name, or from another start."""
    own = {"source": "parquet", "path": str(path), "symbols": ["EDGE"], "timeframe": "1d"}
    own |= {"calendar": "XNYS", "periods_per_year": 252} | data
    return sweep(root, path, *(sweeps or NINE), data=own, holdout=holdout)


def spellings(path):
    """The same file: five ways to write it."""
    folder = path.parent
    return (
        f"{folder}//{path.name}",
        f"{folder}/./{path.name}",
        f"{folder}/../{folder.name}/{path.name}",
        os.path.relpath(path),
        str(folder),
    )


def test_every_spelling_start_and_copy_is_one_count(planted, tmp_path):
    """One grid, whatever the bars are called: its configurations count once, others besides."""
    path = tmp_path / "prices" / "EDGE.parquet"
    path.parent.mkdir()
    shutil.copy(planted.bars, path)
    copy = tmp_path / "OTHER.parquet"
    shutil.copy(path, copy)
    root = tmp_path / "results"
    sweep_of(root, path)
    for spelling in spellings(path):
        sweep_of(root, spelling, "params.fast=3", "params.slow=20,40")
    for start in ("1999-01-06", "1999-06-01", "2001-01-02"):
        sweep_of(root, path, "params.fast=6", "params.slow=26,28", start=start)
    last = sweep_of(root, copy, "params.fast=7", "params.slow=30", symbols=["OTHER"])
    nine, baseline, forty, twenty_six, thirty = 9, 1, 1, 2, 1
    assert count(root, last).tried == nine + baseline + forty + twenty_six + thirty
    assert count(root, last).swept == 2


def test_a_timeframe_made_from_the_bars_counts_besides(planted, tmp_path):
    daily = pd.read_parquet(planted.bars).set_index("time")
    rules = {"open": "first", "high": "max", "low": "min", "close": "last", "volume": "sum"}
    weekly = daily.resample("W-MON", label="left", closed="left").agg(rules).dropna()
    path = tmp_path / "weekly" / "EDGE.parquet"
    path.parent.mkdir()
    weekly.reset_index().to_parquet(path)
    root = tmp_path / "results"
    first = sweep_of(root, planted.bars)
    made = sweep_of(root, path, timeframe="1w", periods_per_year=52)
    assert count(root, first).tried == count(root, made).tried == 20
    other = sweep_of(root, planted.bars, "params.fast=9", "params.slow=31", start="2003-01-02")
    assert count(root, other).tried == 21


def test_all_strategies_on_the_bars_count(planted, tmp_path):
    root = tmp_path / "results"
    sweep_of(root, planted.bars)
    other = sweep(
        root,
        planted.bars,
        "params.entry=10,20",
        "params.exit=5",
        strategy={"name": "donchian", "module": "donchian", "constraint": None},
        params={"entry": 10, "exit": 5},
    )
    assert count(root, other).tried == 10 + count(root, other).swept


@pytest.fixture
def seen(planted, tmp_path):
    """A sweep, and another that has read all of its bars under each other name."""
    return planted.copied(tmp_path)


@pytest.mark.parametrize("way", range(6))
def test_a_holdout_that_was_read_under_another_name_is_none(seen, tmp_path, way):
    path = tmp_path / "again" / "EDGE.parquet"
    path.parent.mkdir()
    shutil.copy(seen.bars, path)
    if way < 5:
        peeked = sweep_of(seen.root, spellings(path)[way], holdout=0.0)
    else:
        peeked = sweep_of(seen.root, path, holdout=0.0, start="2000-03-01")
    judgement = seen.judged(seen.experiment.id)
    assert {"holdout", "evidence"} == failures(judgement)
    assert f"{peeked.id} has swept bars" in verdicts(judgement)["holdout"].reason


def test_a_look_from_another_start_is_the_second_look(planted, tmp_path):
    swept = planted.copied(tmp_path)
    assert swept.judged().evidence["holdout"]["looks"] == 1
    later = sweep_of(
        swept.root,
        swept.bars,
        "params.fast=range(2,8)",
        "params.slow=range(10,30,2)",
        start="1999-01-06",
    )
    judgement = Swept(swept.root, swept.bars, later).judged(later.id)
    assert judgement.evidence["holdout"]["configurations"] == 2
    assert "as the second that looks" in verdicts(judgement)["evidence"].reason
    registry_file(swept.root).unlink()
    again = Swept(swept.root, swept.bars, later).judged(later.id)
    assert again.evidence["holdout"]["configurations"] == 2
    assert again.evidence["holdout"]["looks"] == 3


def test_a_newest_entry_that_was_taken_away_stops_the_gate(planted, tmp_path):
    swept = planted.copied(tmp_path)
    sweep_of(swept.root, swept.bars, "params.fast=9", "params.slow=31")
    newest = max(ledger_folder(swept.root).glob("*.json"))
    newest.unlink()
    judgement = swept.judged(swept.experiment.id)
    assert {"spa", "evidence", "holdout"} <= failures(judgement)
    assert "not in the ledger" in verdicts(judgement)["spa"].reason
    assert judgement.evidence["tried"] is None


def edited(root, experiment, change):
    """Change a record and make its own digest fit."""
    path = experiment_folder(root, experiment.id) / "experiment.json"
    values = json.loads(path.read_text())
    del values["digest"]
    change(values)
    known = records.parse(path, json.dumps(values).encode())
    path.write_bytes(records.to_text(known))


def test_a_record_that_was_edited_with_a_fitting_digest_is_found(planted, tmp_path):
    swept = planted.copied(tmp_path)

    def cheaper(values):
        values["groups"][0]["settings"]["commission"] = 0.0

    edited(swept.root, swept.experiment, cheaper)
    (fault,) = audit.verify(swept.root)
    assert swept.experiment.id in fault
    assert "record" in fault
    assert fault in verify(swept.root).faults
    assert "spa" in failures(swept.judged())
    with pytest.raises(DamagedFile, match="counts nothing before this is mended"):
        count(swept.root, swept.experiment)


def test_results_that_were_edited_with_fitting_sums_are_found(planted, tmp_path):
    """The sums of files stand in the record, whose digest the ledger holds."""
    swept = planted.copied(tmp_path)

    def fit(values):
        values["files"]["runs.parquet"]["sha256"] = "0" * 64

    edited(swept.root, swept.experiment, fit)
    assert any("record" in fault for fault in audit.verify(swept.root))


def without_its_rows(path):
    """Delete all rows of the registry, past the triggers that forbid it."""
    with closing(sqlite3.connect(path)) as database, database:
        kinds = "select name from sqlite_master where type = ? and name not like 'alembic%'"
        for (name,) in database.execute(kinds, ("trigger",)).fetchall():
            database.execute(f"drop trigger {name}")
        for (name,) in database.execute(kinds, ("table",)).fetchall():
            database.execute(f"delete from {name}")


@pytest.mark.parametrize(
    "lose", [Path.unlink, lambda path: path.write_bytes(b""), without_its_rows]
)
def test_a_registry_that_was_deleted_or_emptied_is_named_and_the_look_counts(
    planted, tmp_path, lose
):
    swept = planted.copied(tmp_path)
    assert swept.judged("latest/3").evidence["holdout"]["looks"] == 1
    assert verify(swept.root).faults == []
    lose(registry_file(swept.root))
    (fault,) = verify(swept.root).faults
    assert "registry" in fault
    assert "1 look" in fault
    assert "promote repair" in fault
    assert swept.judged("latest/9").evidence["holdout"]["looks"] == 2
    assert len(repair(swept.root, Conf(tmp_path / "profiles"))) == 1
    assert verify(swept.root).faults == []


def test_a_changed_outline_is_found(planted, tmp_path):
    swept = planted.copied(tmp_path)
    (path,) = Path(ledger_folder(swept.root) / "bars").glob("*.outline")
    content = path.read_bytes()
    path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    assert any("outline" in fault for fault in audit.verify(swept.root))
    assert "spa" in failures(swept.judged())
    path.unlink()
    assert any("outline" in fault for fault in audit.verify(swept.root))


def test_looks_are_entries_of_the_chain(planted, tmp_path):
    swept = planted.copied(tmp_path)
    judgement = swept.judged()
    entry = ledger.entries(swept.root)[-1]
    assert entry.look is not None
    assert entry.look.config_hash == judgement.evidence["run"]["config_hash"]
    assert entry.look.first == judgement.evidence["holdout"]["window"][0]
    assert entry.new == {}
    assert len(open_registry(swept.root).holdout_uses()) == 1
