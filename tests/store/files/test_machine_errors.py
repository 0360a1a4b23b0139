"""A full disk and other refusals of the machine: one line, an exit code, nothing half written."""

import errno
import os
import subprocess
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from typer.testing import CliRunner

from store.cli.app import app
from store.errors import RegistryUnavailable
from store.files import local, machine_errors
from store.files.backend import place
from store.query import experiment_search
from store.query.results import Results
from store.records import experiment as records
from store.registry.database import Database
from store.runs.parquet import naming
from tests.store.made_runs import filled, finish


@pytest.mark.parametrize(
    ("code", "words", "exit_code"),
    [
        (errno.ENOSPC, "No space left on device; make room there", 1),
        (errno.EDQUOT, "quota exceeded; make room there", 1),
        (errno.EFBIG, "File too large; raise the limit on the size of files", 1),
        (errno.EMFILE, "Too many open files; raise the limit on open files", 1),
        (errno.EIO, "Input/output error; the disk", 1),
        (errno.ENAMETOOLONG, "File name too long; choose a shorter one", 2),
        (errno.EACCES, "Permission denied; choose another folder", 2),
        (errno.ENOENT, "No such file or directory", 2),
    ],
)
def test_every_refusal_names_the_file_the_reason_and_what_to_change(code, words, exit_code):
    error = OSError(code, os.strerror(code), "a/file")
    assert machine_errors.line(error).startswith("a/file: ")
    assert words in machine_errors.line(error)
    assert machine_errors.exit_code(error) == exit_code


def test_no_line_is_endless():
    error = OSError(errno.ENAMETOOLONG, "File name too long", b"x" * 9000)
    assert len(machine_errors.line(error)) < 300
    assert machine_errors.line(OSError("two\nlines")) == "two lines"


USED_UP = [
    MemoryError("Unable to allocate 9 GiB"),
    pa.ArrowMemoryError("malloc of size 9 failed"),
    duckdb.OutOfMemoryException("Out of Memory Error: failed to pin block"),
]


@pytest.mark.parametrize("error", [MemoryError(), *USED_UP])
def test_memory_that_is_used_up(error):
    assert machine_errors.line(error).startswith("memory is used up")
    assert str(error) in machine_errors.line(error)
    assert machine_errors.exit_code(error) == 1


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EMFILE])
def test_a_write_that_fails_leaves_the_old_record_and_names_it(code, tmp_path, monkeypatch):
    experiment = filled(tmp_path)
    before = records.load(tmp_path, experiment.id)
    real = Path.open

    def full(path, mode="r", *args, **options):
        if "x" in mode:
            raise OSError(code, os.strerror(code))
        return real(path, mode, *args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(OSError, match=os.strerror(code)) as caught:
            finish(tmp_path, experiment, status="done")
    assert caught.value.filename.endswith("experiment.json")
    assert records.load(tmp_path, experiment.id) == before
    assert not list(tmp_path.rglob("*.tmp"))


def test_a_verb_on_a_full_disk_ends_with_one_line(tmp_path, monkeypatch):
    experiment = filled(tmp_path)

    def full(*_args, **_options):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "export.json")

    monkeypatch.setattr(local, "publish_if_absent", full)
    words = ["export", experiment.id, "--root", str(tmp_path), "--out", str(tmp_path / "out")]
    ended = CliRunner().invoke(app, words)
    assert (ended.exit_code, ended.stderr.count("\n")) == (1, 1)
    assert ended.stderr.startswith("export.json: No space left on device; make room there")
    assert not list((tmp_path / "out").iterdir())


def test_a_reader_of_a_pipe_that_has_seen_enough_is_no_fault(tmp_path, monkeypatch):
    def closed(*_args, **_options):
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))

    monkeypatch.setattr(experiment_search, "experiments", closed)
    ended = CliRunner().invoke(app, ["list", "--root", str(tmp_path)])
    assert (ended.exit_code, ended.stderr) == (1, "")


def test_a_port_that_is_no_number_is_one_line(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://me@host:port/db")
    with pytest.raises(RegistryUnavailable, match=r"^DATABASE_URL: is no address; write postgres"):
        Database.of(place("results"))


def test_folders_as_deep_as_the_system_allows_are_made(tmp_path):
    deep = tmp_path.joinpath(*["d"] * 1400)
    try:
        local.make_folder(deep)
        local.replace(deep / "x", b"{}")
        assert (deep / "x").read_bytes() == b"{}"
    finally:  # deeper than what pytest can remove
        subprocess.run(["rm", "-rf", str(tmp_path / "d")], check=True)


@pytest.mark.parametrize("name", ["n" * 300, "ddd/" * 1500])
def test_a_path_too_long_for_the_system_is_one_line(name, tmp_path):
    for words in (["list"], ["top", "sharpe"], ["show", "latest"], ["verify"], ["sql", "select 1"]):
        ended = CliRunner().invoke(app, [*words, "--root", str(tmp_path / name)])
        assert ended.exit_code in (0, 2), (words, ended.stderr)
        assert ended.stderr.count("\n") <= 1, (words, ended.stderr)
        assert len(ended.stderr) < 600


@pytest.mark.parametrize("error", USED_UP, ids=lambda error: type(error).__name__)
def test_a_verb_that_uses_all_memory_up_ends_in_one_line(error, monkeypatch, tmp_path):
    def refuse(self, *args, **options):
        raise error

    monkeypatch.setattr(Results, "summary", refuse)
    ended = CliRunner().invoke(app, ["summary", "latest", "--root", str(tmp_path)])
    assert (ended.exit_code, ended.stderr.count("\n")) == (1, 1)
    assert ended.stderr.startswith("memory is used up (")


def test_memory_that_is_used_up_while_a_file_is_read_is_no_damage():
    with pytest.raises(MemoryError), naming("runs.parquet"):
        raise pa.ArrowMemoryError("malloc of size 9 failed")
