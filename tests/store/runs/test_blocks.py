import hashlib
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from subprocess import PIPE

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from store.errors import BlockConflict, DamagedFile
from store.files import backend, local
from store.runs import parquet
from store.runs.blocks import BlockFile, describe, finished, read_block, write_block
from tests.store.made_runs import error_table, run_table


def test_round_trip_with_nan_infinity_and_nulls(root):
    table = run_table("exp-1", n=5)
    odd = pa.array([np.nan, np.inf, -np.inf, None, -0.0])
    table = table.set_column(table.schema.get_field_index("sharpe"), "sharpe", odd)
    none = pa.array([None] * 5, table.schema.field("block_sum").type)
    table = table.set_column(table.schema.get_field_index("block_sum"), "block_sum", none)
    file = write_block(root / "blocks", 7, table)
    found = read_block(root / "blocks", 7)
    assert found.schema.equals(table.schema, check_metadata=True)
    assert parquet.encode(found) == parquet.encode(table)
    assert repr(found["sharpe"].to_pylist()) == "[nan, inf, -inf, None, -0.0]"
    assert file.name == "blocks/000007.parquet"


def test_the_file_is_described_as_it_is_on_the_disk(root):
    file = write_block(root / "errors", 3, error_table("exp-1", n=2))
    content = (root / "errors" / "000003.parquet").read_bytes()
    assert (file.name, file.rows, file.bytes) == ("errors/000003.parquet", 2, len(content))
    assert file.sha256 == hashlib.sha256(content).hexdigest()
    assert describe(root / "errors", 3) == file


def test_equal_tables_give_equal_bytes_however_chunked_or_sliced():
    table = run_table("exp-1", n=60)
    pieces = pa.concat_tables([table.slice(0, 7), table.slice(7, 30), table.slice(37)])
    longer = pa.concat_tables([run_table("exp-0", n=3), table]).slice(3)
    assert parquet.encode(table) == parquet.encode(pieces) == parquet.encode(longer)


def test_pages_have_checksums_and_only_strings_have_dictionaries(tmp_path):
    write_block(tmp_path, 0, run_table("exp-1"))
    group = pq.read_metadata(tmp_path / "000000.parquet").row_group(0)
    columns = [group.column(i) for i in range(group.num_columns)]
    with_dictionary = {c.path_in_schema for c in columns if c.has_dictionary_page}
    strings = {"experiment_id", "strategy", "symbol", "timeframe", "direction", "window", "status"}
    assert with_dictionary == strings
    assert {c.compression for c in columns} == {"ZSTD"}
    content = bytearray((tmp_path / "000000.parquet").read_bytes())
    place = next(c for c in columns if c.path_in_schema == "sharpe")
    content[place.data_page_offset + place.total_compressed_size - 3] ^= 1
    (tmp_path / "000001.parquet").write_bytes(content)
    assert pq.read_table(tmp_path / "000001.parquet").num_rows == 40, "unnoticed without a check"
    with pytest.raises(DamagedFile, match=r"000001\.parquet: cannot be read .*CRC"):
        read_block(tmp_path, 1)


def test_the_same_content_again_is_a_success(tmp_path):
    first = write_block(tmp_path, 4, run_table("exp-1"))
    before = (tmp_path / "000004.parquet").stat()
    assert write_block(tmp_path, 4, run_table("exp-1")) == first
    after = (tmp_path / "000004.parquet").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_the_same_rows_encoded_otherwise_are_a_success(tmp_path):
    table = run_table("exp-1")
    pq.write_table(table, tmp_path / "000004.parquet", compression="snappy")
    before = (tmp_path / "000004.parquet").read_bytes()
    assert write_block(tmp_path, 4, table).bytes == len(before)
    assert (tmp_path / "000004.parquet").read_bytes() == before


def test_other_content_is_a_conflict_that_names_the_file(root):
    table = run_table("exp-1")
    write_block(root, 4, table)
    sharpe = table["sharpe"].to_numpy().copy()
    sharpe[17] = np.nextafter(sharpe[17], 9)
    other = table.set_column(table.schema.get_field_index("sharpe"), "sharpe", pa.array(sharpe))
    with pytest.raises(BlockConflict, match=r"000004\.parquet: holds 40 other rows"):
        write_block(root, 4, other)
    assert read_block(root, 4).equals(table)
    assert backend.names(root) == ["000004.parquet"], "no temporary stays behind"


def test_a_damaged_file_in_the_place_is_named(root):
    backend.replace(root / "000004.parquet", b"PAR1 rubbish PAR1")
    with pytest.raises(DamagedFile, match=r"000004\.parquet: cannot be read"):
        write_block(root, 4, run_table("exp-1"))


def test_finished_ignores_everything_that_is_not_a_committed_block(root):
    assert finished(root / "none") == []
    for number in (12, 0, 1_000_000):
        write_block(root, number, run_table("exp-1", n=1))
    for name in (".000001.parquet.0123456789abcdef.tmp", "000002.parquet.tmp", "3.parquet", "x"):
        backend.replace(root / name, b"")
    assert finished(root) == [0, 12, 1_000_000]


class Killed(BaseException):
    pass


@pytest.mark.parametrize("step", ["fsync", "link"])
def test_killed_while_writing_leaves_all_or_nothing(step, tmp_path, monkeypatch):
    """The process stops dead: nothing after the step runs, not even the clean-up."""

    def die(*_args):
        raise Killed

    table = run_table("exp-1")
    with monkeypatch.context() as patch:
        patch.setattr(local.os, step, die)
        patch.setattr(local, "_remove", lambda _draft: None)
        with pytest.raises(Killed):
            write_block(tmp_path, 0, table)
    assert finished(tmp_path) == []
    assert len(list(tmp_path.iterdir())) == 1, "its temporary"
    write_block(tmp_path, 0, table)
    assert read_block(tmp_path, 0).equals(table)


def test_twelve_threads_commit_one_block_once(root):
    table = run_table("exp-1", n=300)
    with ThreadPoolExecutor(12) as pool:
        files = list(pool.map(lambda _: write_block(root, 5, table), range(24)))
    assert set(files) == {describe(root, 5)}
    assert backend.names(root) == ["000005.parquet"]


COMMIT = """
import sys
import pyarrow as pa
from store.runs.blocks import write_block
from store.errors import BlockConflict
from store.files.backend import place
table = pa.table({"x": [int(sys.argv[2])]})
sys.stdin.read(1)
try:
    sys.stdout.write(type(write_block(place(sys.argv[1]), 0, table)).__name__)
except BlockConflict:
    sys.stdout.write("BlockConflict")
"""


def test_of_two_processes_with_other_content_one_wins_and_the_other_says_so(root):
    start = [sys.executable, "-c", COMMIT, str(root)]
    children = [
        subprocess.Popen([*start, str(seed)], stdin=PIPE, stdout=PIPE, text=True) for seed in (0, 1)
    ]
    for child in children:
        child.stdin.write("x")  # both are let go together
        child.stdin.flush()
    told = [child.communicate(timeout=60)[0] for child in children]
    assert sorted(told) == ["BlockConflict", "BlockFile"]
    assert read_block(root, 0)["x"].to_pylist() == [told.index("BlockFile")]


def test_everything_is_synced_before_it_is_acknowledged(tmp_path, monkeypatch):
    """In order: the content, its name in the folder; and the folder's own name, when new."""
    events = []
    real_fsync, real_link = os.fsync, os.link

    def fsync(descriptor):
        events.append(("sync", Path(f"/proc/self/fd/{descriptor}").readlink().name))
        real_fsync(descriptor)

    def link(source, target):
        events.append(("link", target.name))
        real_link(source, target)

    monkeypatch.setattr(local.os, "fsync", fsync)
    monkeypatch.setattr(local.os, "link", link)
    write_block(tmp_path / "blocks", 0, run_table("exp-1"))
    kinds = [(kind, "draft" if name.endswith(".tmp") else name) for kind, name in events]
    assert kinds == [
        ("sync", tmp_path.name),
        ("sync", "draft"),
        ("link", "000000.parquet"),
        ("sync", "blocks"),
    ]
    events.clear()
    write_block(tmp_path / "blocks", 0, run_table("exp-1"))
    assert events[-1] == ("sync", "blocks"), "the winner may not have come so far"


def test_stale_temporaries_are_swept_and_young_ones_are_not(tmp_path):
    old, young = tmp_path / ".000001.parquet.aa.tmp", tmp_path / ".000002.parquet.bb.tmp"
    old_folder = tmp_path / ".spill.cc.tmp"
    old_folder.mkdir()
    (old_folder / "000000.arrow").touch()
    for path in (old, young, tmp_path / "000001.parquet"):
        path.touch()
    long_ago = time.time() - 2 * local.STALE_SECONDS
    for path in (old, old_folder, tmp_path / "000001.parquet"):
        os.utime(path, (long_ago, long_ago))
    local.sweep_temporaries(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {young.name, "000001.parquet"}


def test_a_missing_block_and_a_negative_number_are_refused(root):
    with pytest.raises(DamagedFile, match=r"000009\.parquet: there is no such block"):
        read_block(root, 9)
    with pytest.raises(ValueError, match=r"block number: .* got -1"):
        write_block(root, -1, run_table("exp-1"))


def test_a_block_file_may_be_made_without_its_footer():
    assert BlockFile("blocks/000000.parquet", 1, 2, "ab").footer == ""
