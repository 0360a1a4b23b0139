"""Signals, full disks and limits of the machine: one line, the right code, nothing half written."""

import errno
import os
import resource
import signal
import subprocess
import sys

import pytest

from store.maintenance import verification
from store.records import experiment as experiments
from sweeper.executors import signals
from sweeper.executors.dispatcher import OVER, Dispatcher
from sweeper.executors.inline import InlineExecutor
from sweeper.executors.ray.runtime_env import ROOT
from tests.sweeper import attended, patient
from tests.sweeper.cli import run_cli
from tests.sweeper.nodes import wait_until

pytestmark = pytest.mark.slow

SWEEP = ("-m", "params.fast=5,10", "params.slow=20,30", "executor=inline")


@pytest.fixture
def cli(monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(tmp_path)
    return lambda *args: run_cli(monkeypatch, capsys, *args)


@pytest.fixture(autouse=True)
def heard():
    """Signals as a terminal gives them, also where the tests run under nohup."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


def start(folder, *words):
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return attended.start([*patient.SWEEP, *words], cwd=folder, env=environment)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_sweep_as_ctrl_c_does(number, tmp_path):
    patient.prepare(tmp_path)
    process = start(tmp_path, *patient.GRID, "executor=inline")
    wait_until(lambda: patient.committed(tmp_path / "results") >= 1, 180, "a block")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 128 + number
    assert err.startswith(f"Stopped by {signal.Signals(number).name}. ")
    assert "the same command goes on from there:\n  python -m sweeper -m data=nasdaq" in err
    assert "Traceback" not in err
    (stopped,) = experiments.every(tmp_path / "results")
    assert stopped.status == "interrupted"


def test_a_signal_during_the_merge_ends_it_cleanly_and_the_sweep_goes_on(cli, monkeypatch):
    def merge(_record):
        os.kill(os.getpid(), signal.SIGTERM)

    with monkeypatch.context() as patch:
        patch.setattr("sweeper.run.recorder.Record.compact", merge)
        ended = cli(*SWEEP)
    assert ended.code == 143
    assert ended.err.startswith("Stopped by SIGTERM. 5 of 5 runs are kept in exp-")
    (stopped,) = experiments.every("results")
    assert stopped.status == "interrupted"
    assert cli(*SWEEP).code == 0
    assert verification.verify("results").faults == []


def test_a_signal_before_the_runs_is_one_line(cli, monkeypatch):
    def plan(*_args):
        os.kill(os.getpid(), signal.SIGHUP)

    monkeypatch.setattr("sweeper.run.driver.build_plan", plan)
    ended = cli(*SWEEP)
    assert ended.code == 129
    assert ended.err == "Stopped by SIGHUP. What is done is kept; the same command goes on.\n"


def test_handlers_are_as_before_afterwards_and_nohup_is_heeded():
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    terminated = signal.getsignal(signal.SIGTERM)  # Ray's own, where a test before has begun it
    try:
        with signals.caught():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            with pytest.raises(signals.Stopped, match="SIGTERM"):
                os.kill(os.getpid(), signal.SIGTERM)
            assert signals.exit_code(signals.named(KeyboardInterrupt())) == 143
        assert signal.getsignal(signal.SIGTERM) is terminated
    finally:
        signal.signal(signal.SIGHUP, before)


def test_handlers_that_a_library_replaces_come_back_only_where_ours_were():
    with signals.caught():
        ours = signal.getsignal(signal.SIGTERM)
        with signals.kept():
            signal.signal(signal.SIGTERM, lambda *_: None)
        assert signal.getsignal(signal.SIGTERM) is ours
    with signals.kept():
        theirs = signal.signal(signal.SIGTERM, signal.SIG_IGN)
    assert signal.signal(signal.SIGTERM, theirs) is signal.SIG_IGN


@pytest.mark.kill
@pytest.mark.parametrize("number", [signal.SIGTERM])
def test_a_signal_ends_a_sweep_on_ray_without_a_word_of_ray(number, tmp_path):
    patient.prepare(tmp_path, 0.05)
    process = start(tmp_path, *patient.GRID, "executor=ray", "ray.num_cpus=2")
    wait_until(lambda: patient.committed(tmp_path / "results") >= 1, 200, "a block")
    process.send_signal(number)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err.count("\n")) == (143, 2)
    assert err.startswith("Stopped by SIGTERM. ")


def limited(folder, limit, size, *words):
    """A sweep in a process with a limit of the operating system."""
    return subprocess.run(
        [sys.executable, "-m", "sweeper", *words],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(limit, (size, size)),
    )


def test_a_limit_on_files_is_one_line_and_the_same_command_goes_on(tmp_path):
    ended = limited(tmp_path, resource.RLIMIT_FSIZE, 8000, *SWEEP)
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "File too large; raise the limit on the size of files" in ended.stderr
    assert limited(tmp_path, resource.RLIMIT_FSIZE, -1, *SWEEP).returncode == 0
    found = verification.verify(tmp_path / "results")
    assert (found.faults, found.experiments) == ([], 1)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EMFILE])
@pytest.mark.parametrize("at", [1, 3, 5, 8])
def test_a_disk_that_is_full_at_any_write_is_one_line(code, at, cli, monkeypatch):
    from store.files import local

    written, real = [], local.sync

    def full(path):
        written.append(path)
        if len(written) >= at:
            raise OSError(code, os.strerror(code), str(path))
        real(path)

    with monkeypatch.context() as patch:
        patch.setattr(local, "sync", full)
        ended = cli(*SWEEP)
    assert (ended.code, ended.err.count("\n")) == (1, 1), ended.err
    assert os.strerror(code) in ended.err
    assert cli(*SWEEP).code == 0
    assert verification.verify("results").faults == []


def test_a_full_disk_under_a_block_is_no_fault_of_the_code():
    def evaluate(_work, _number):
        raise OSError(errno.ENOSPC, "No space left on device", "blocks/000000.parquet")

    with pytest.raises(OSError, match="No space left"):
        InlineExecutor().run(evaluate, None, [[0]], print)


def test_a_full_disk_of_a_worker_ends_the_sweep():
    dispatcher = Dispatcher(None)
    dispatcher.add([0, 1])
    badge, _ = dispatcher.join("a")
    assert dispatcher.pull("a", badge) == 0
    dispatcher.give_up("block 0: full")
    dispatcher.give_up("block 1: full, too")
    assert dispatcher.news().hopeless == "block 0: full"
    assert dispatcher.pull("a", badge) == OVER


def test_memory_that_is_used_up_is_one_line(cli, monkeypatch):
    def calibrate(_plan):
        raise MemoryError("Unable to allocate 9 GiB")

    monkeypatch.setattr("sweeper.run.driver.calibrate", calibrate)
    ended = cli(*SWEEP)
    assert (ended.code, ended.err.count("\n")) == (1, 1)
    assert ended.err.startswith("memory is used up (Unable to allocate 9 GiB); close other")


BAD_FILES = {
    "name: !!python/object/apply:os.getcwd []": "python/object/apply",
    "params: [fast, 5]": "a section is no list; write its keys, such as params: {fast: 5} (in expe",
}


@pytest.mark.parametrize("text", BAD_FILES)
@pytest.mark.parametrize("words", [SWEEP, ("params.fast=5", "params.slow=20")])
def test_what_an_experiment_file_may_not_hold_is_one_line(words, text, cli, tmp_path):
    folder = tmp_path / "conf" / "experiment"
    folder.mkdir(parents=True)
    (folder / "bad.yaml").write_text(f"# @package _global_\n{text}")
    ended = cli(*words, f"hydra.searchpath=[{tmp_path / 'conf'}]", "+experiment=bad")
    assert (ended.code, ended.err.count("\n")) == (2, 1), ended.err
    assert BAD_FILES[text] in ended.err


@pytest.mark.parametrize("root", ["n" * 300, "dddd/" * 1500])
def test_a_root_too_long_for_the_system_is_one_line(root, cli, tmp_path):
    ended = cli(*SWEEP, f"store.root={root}")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert "too long" in ended.err
    assert len(ended.err) < 600
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("key", ["name", "description", "hypothesis", "tags"])
@pytest.mark.parametrize("words", ["\x1b[31mred", "a\u202eb", "\x9b2J", "ring\x07"])
def test_hostile_words_are_refused_in_one_line_that_shows_them_escaped(key, words, cli, tmp_path):
    value = f"['{words}']" if key == "tags" else f"'{words}'"
    ended = cli(*SWEEP, f"{key}={value}")
    assert (ended.code, ended.err.count("\n")) == (2, 1)
    assert ended.err.startswith(f"{key}: holds the character ")
    assert ended.err[:-1].isprintable()
    assert list(tmp_path.iterdir()) == []
