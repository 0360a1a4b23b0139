"""Forked workers: what a fork inherits and must not, how they start, stop and are named."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from sweeper.executors import ClusterLost
from sweeper.executors.local.executor import LocalExecutor
from sweeper.executors.local.process import WorkerProcess
from sweeper.executors.ray.runtime_env import ROOT
from tests.sweeper import attended
from tests.sweeper.fake_work import FakeDone, FakeWork, run_block


def told(label):
    return FakeDone(0, 1, 0, 0.0, 0.0, label, os.getpid(), False)


def tell_name(work, number):
    return told(Path("/proc/self/comm").read_text().strip())


def tell_signals(work, number):
    kept = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    masked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    return told(f"{[signal.getsignal(one).name for one in kept]} {len(masked)}")


def tell_sockets(work, number):
    held = list(Path("/proc/self/fd").iterdir())
    links = [str(one.readlink()) for one in held if one.is_symlink()]
    return told(str(sum(link.startswith("socket:") for link in links)))


def compile_something(work, number):
    """Needs the lock of Numba's compiler."""
    from numba import njit

    return told(str(njit(lambda x: x + 1)(number)))


def disk_full(work, number):
    raise OSError(28, "No space left on device", "results")


def labels(evaluate, folder, workers=1, blocks=1):
    seen = []
    executor = LocalExecutor(workers, "sma/NASDAQ and more")
    executor.run(evaluate, FakeWork(folder), [range(blocks)], seen.append)
    return [done.best_label for done in seen]


def test_a_worker_carries_what_it_runs_in_its_name(tmp_path):
    assert labels(tell_name, tmp_path) == ["sma-NASDAQ-a-00"]


def test_a_worker_leaves_ctrl_c_to_its_parent_and_ends_on_other_signals(tmp_path):
    assert labels(tell_signals, tmp_path) == ["['SIG_IGN', 'SIG_DFL', 'SIG_DFL'] 0"]


def test_a_worker_holds_no_end_of_the_sockets_of_others(tmp_path):
    alone = labels(tell_sockets, tmp_path)[0]
    assert set(labels(tell_sockets, tmp_path, workers=3, blocks=9)) == {alone}


def test_a_worker_compiles_although_another_thread_was_compiling_when_it_was_forked(tmp_path):
    from numba.core.compiler_lock import global_compiler_lock

    held, release = threading.Event(), threading.Event()

    def compile_for_long():
        with global_compiler_lock:
            held.set()
            release.wait(0.5)

    thread = threading.Thread(target=compile_for_long)
    thread.start()
    held.wait()
    try:
        assert labels(compile_something, tmp_path) == ["1"]
    finally:
        release.set()
        thread.join()


def test_two_sweeps_in_threads_of_one_process_both_end(tmp_path):
    """As `sweeper.handle` starts them: each has workers of its own."""
    seen: dict[str, list[int]] = {"a": [], "b": []}

    def sweep(name):
        folder = tmp_path / name
        folder.mkdir()
        work = FakeWork(folder, seconds=0.02)
        executor = LocalExecutor(2, name)
        executor.run(run_block, work, [range(8)], lambda done: seen[name].append(done.number))

    threads = [threading.Thread(target=sweep, args=(name,)) for name in seen]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [sorted(numbers) for numbers in seen.values()] == [list(range(8))] * 2


def test_what_check_raises_ends_the_run_and_every_worker(tmp_path):
    pids = []

    def check():
        if pids:
            raise KeyboardInterrupt("cancel()")

    executor = LocalExecutor(2, "cancelled", check)
    work = FakeWork(tmp_path, seconds=0.05)
    with pytest.raises(KeyboardInterrupt, match="cancel"):
        executor.run(run_block, work, [range(10**9)], lambda done: pids.append(done.pid))
    assert not any(Path(f"/proc/{pid}").exists() for pid in pids)


def test_a_refusal_of_the_machine_is_one_line(tmp_path):
    with pytest.raises(ClusterLost, match=r"^block 0: results: No space left on device; make room"):
        labels(disk_full, tmp_path)


def test_a_machine_that_forks_no_process_is_told_in_one_line(tmp_path, monkeypatch):
    def refuse():
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", refuse)
    with pytest.raises(ClusterLost, match=r"^no worker process can be started \(Resource temp"):
        labels(tell_name, tmp_path)


def test_one_worker_does_it_all_where_the_machine_forks_no_second(tmp_path, monkeypatch):
    fork, forks = os.fork, []

    def once():
        forks.append(1)
        if len(forks) > 1:
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return fork()

    monkeypatch.setattr(os, "fork", once)
    assert len(labels(tell_name, tmp_path, workers=3, blocks=5)) == 5


def test_what_a_strategy_prints_arrives_once_and_nothing_of_the_parent_twice(tmp_path):
    program = f"""
from tests.sweeper.executors.local.test_local import LocalExecutor, FakeWork, Path, shout
print("parent")
LocalExecutor(1).run(shout, FakeWork(Path({str(tmp_path)!r})), [range(2)], str)
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT, check=True
    )
    assert ended.stdout.split() == ["parent", "block-0", "block-1"]


def shout(work, number):
    sys.stdout.write(f"block-{number}\n")
    return told("")


def test_a_worker_that_ended_by_itself_is_told_by_its_code(tmp_path):
    worker = WorkerProcess("one", leave, FakeWork(tmp_path))
    assert worker.hear() == ("ready", None)
    worker.send(3)
    assert worker.hear() is None
    assert worker.bury() == "its process ended with code 3"


def leave(work, number):
    os._exit(number)


DRIVER = """
import sys
from pathlib import Path
from sweeper.executors.local.executor import LocalExecutor
from tests.sweeper.fake_work import FakeWork, run_block

def watch(done):
    print(done.number, done.pid, flush=True)

try:
    LocalExecutor(2, "child").run(
        run_block, FakeWork(Path(sys.argv[1]), seconds=0.1), [range(10**9)], watch
    )
except KeyboardInterrupt as end:
    print("ended", type(end).__name__, flush=True)
"""


def driven(folder):
    driver = attended.start([sys.executable, "-c", DRIVER, str(folder)], cwd=ROOT, process_group=0)
    assert driver.stdout is not None
    return driver, {int(driver.stdout.readline().split()[1]) for _ in range(6)}


def gone(pids, seconds=10):
    end = time.monotonic() + seconds
    while any(Path(f"/proc/{pid}").exists() for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)
    return not any(Path(f"/proc/{pid}").exists() for pid in pids)


@pytest.mark.kill
def test_ctrl_c_stops_every_process_without_a_word(tmp_path):
    """SIGINT goes to the whole process group, as a terminal sends it."""
    driver, pids = driven(tmp_path)
    os.killpg(driver.pid, signal.SIGINT)
    out, err = driver.communicate(timeout=60)
    assert (out.splitlines()[-1], err, driver.returncode) == ("ended KeyboardInterrupt", "", 0)
    assert gone(pids)


@pytest.mark.kill
def test_workers_die_with_a_driver_that_is_killed(tmp_path):
    driver, pids = driven(tmp_path)
    driver.kill()
    driver.communicate(timeout=60)
    assert len(pids) == 2
    assert gone(pids)
